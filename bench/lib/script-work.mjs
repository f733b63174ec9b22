// A bench that is a program of its own, as a work: what it prints is its result.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @param script file in bench/ @param args its arguments */
export function scriptWork(title, script, args = []) {
  return {
    title,
    platforms: ['4.1'],
    async run() {
      const child = spawn(process.execPath, [fileURLToPath(new URL(`../${script}`, import.meta.url)), ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      const code = await new Promise((resolve) => child.once('close', resolve));
      if (code !== 0) throw new Error(`${script} ended with ${code}`);
      console.log(text);
      return { text };
    },
  };
}
