import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { eventually } from './test-server.js';

const root = resolve(__dirname, '..', '..', '..');

/** A program of examples/engine that runs as its own process. */
export interface ExampleProgram {
  /** Where its first server listens, without the slash at the end. */
  readonly url: string;
  /** Ports of its servers in the order of their start. */
  readonly ports: number[];
  readonly process: ChildProcess;
  /** What it has said. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts an example on free ports of 127.0.0.1 and waits until its servers listen. */
export async function runExample(
  name: string,
  { servers = 1, env = {} }: { servers?: number; env?: Record<string, string> } = {},
): Promise<ExampleProgram> {
  const child = spawn(process.execPath, [join(root, 'examples/engine', `${name}.js`)], {
    cwd: root,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', SECOND_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const starts = (): RegExpMatchArray[] => [
    ...said.matchAll(/Started development server on (https?:\/\/[^:]+:(\d+))/g),
  ];
  await eventually(
    `${name} listens`,
    () => {
      if (child.exitCode !== null) throw new Error(`${name} has ended: ${said}`);
      return starts().length >= servers;
    },
    20_000,
  );
  return {
    url: starts()[0]?.[1] ?? '',
    ports: starts().map((match) => Number(match[2])),
    process: child,
    output: () => said,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}
