// Builds everything into dist/: TypeScript file to file, then for each node its icon, its locales and its .html with
// the editor script (bundled, not minified) inlined, because the Flow Library reads that script statically.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--build'], { cwd: root, stdio: 'inherit' });
} catch {
  process.exit(1);
}

const nodes = readdirSync(join(root, 'nodes'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
  .map((entry) => entry.name);

for (const name of nodes) {
  const from = join(root, 'nodes', name);
  const to = join(root, 'dist', 'nodes', name);
  if (!existsSync(join(from, `${name}.html`))) continue;
  mkdirSync(to, { recursive: true });
  if (existsSync(join(from, 'locales'))) cpSync(join(from, 'locales'), join(to, 'locales'), { recursive: true });
  const icon = join(root, 'icons', `${name}.svg`);
  if (existsSync(icon)) {
    mkdirSync(join(to, 'icons'), { recursive: true });
    cpSync(icon, join(to, 'icons', `${name}.svg`));
  }
  const markup = readFileSync(join(from, `${name}.html`), 'utf8');
  const script = existsSync(join(from, 'editor.ts')) ? await bundle(join(from, 'editor.ts')) : '';
  writeFileSync(join(to, `${name}.html`), `<script type="text/javascript">\n${script}</script>\n\n${markup}`);
}

/** The editor script of a node as one readable, self-contained script. */
async function bundle(entry) {
  const { build } = require('esbuild');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
  });
  return result.outputFiles[0].text.replaceAll('</script', '<\\/script');
}
