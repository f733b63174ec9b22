// Builds what the editor loads of each node into dist/nodes/<node>/: the icon, the locales, and the .html with the script
// bundled (not minified) and inlined, because the Flow Library reads that script statically.
// Usage: node scripts/bundle-editor.mjs
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the editor's part of every node that has one. */
export async function bundleEditor() {
  const names = readdirSync(join(root, 'nodes'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'nodes', entry.name, `${entry.name}.html`)))
    .map((entry) => entry.name);
  await Promise.all(names.map(bundleNode));
}

async function bundleNode(name) {
  const from = join(root, 'nodes', name);
  const to = join(root, 'dist', 'nodes', name);
  mkdirSync(to, { recursive: true });
  cpSync(join(from, 'locales'), join(to, 'locales'), { recursive: true });
  mkdirSync(join(to, 'icons'), { recursive: true });
  const icon = join(root, 'icons', `${name}.svg`);
  if (existsSync(icon)) cpSync(icon, join(to, 'icons', `${name}.svg`));
  const script = await bundleScript(join(from, 'editor.ts'));
  const markup = readFileSync(join(from, `${name}.html`), 'utf8');
  writeFileSync(join(to, `${name}.html`), `<script type="text/javascript">\n${script}</script>\n\n${markup}`);
}

async function bundleScript(entry) {
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleEditor();
