// Builds what the editor loads of each node into dist/nodes/<node>/, and of each plugin into dist/plugins/<plugin>/: the
// icon, the locales, and the .html with the script bundled (not minified) and inlined, because the Flow Library reads that script statically.
// Usage: node scripts/bundle-editor.mjs
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the editor's part of every node and plugin that has one. */
export async function bundleEditor() {
  const found = ['nodes', 'plugins'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => existsSync(join(root, folder, entry.name, 'editor.ts')))
      .map((entry) => ({ folder, name: entry.name })),
  );
  await Promise.all(found.map(bundlePage));
}

async function bundlePage({ folder, name }) {
  const from = join(root, folder, name);
  const to = join(root, 'dist', folder, name);
  mkdirSync(to, { recursive: true });
  cpSync(join(from, 'locales'), join(to, 'locales'), { recursive: true });
  const icon = join(root, 'icons', `${name}.svg`);
  if (existsSync(icon)) cpSync(icon, join(to, 'icons', `${name}.svg`));
  const script = await bundleScript(join(from, 'editor.ts'));
  const page = join(from, `${name}.html`);
  const markup = existsSync(page) ? readFileSync(page, 'utf8') : '';
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
