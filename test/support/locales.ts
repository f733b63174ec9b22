/** The catalogs of the editor's texts, as they are in the source folders. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './node-red.js';

type Catalog = { readonly [key: string]: Catalog | string };

/** The languages beside English, as the editor names them. */
export const languages = ['de', 'fr', 'ja', 'zh-CN'];

/** The nodes and plugins that have texts, by their folders. */
export const folders = ['nodes', 'plugins'].flatMap((kind) =>
  readdirSync(join(projectRoot, kind))
    .map((name) => join(kind, name))
    .filter((folder) => existsSync(join(projectRoot, folder, 'locales'))),
);

/** The texts of a node or plugin by their keys, in the order of the file. */
export function textsOf(folder: string, language: string): Map<string, string> {
  const name = folder.split(/[\\/]/).at(-1)!;
  const path = join(projectRoot, folder, 'locales', language, `${name}.json`);
  const texts = new Map<string, string>();
  const visit = (catalog: Catalog, prefix: string): void => {
    for (const [key, value] of Object.entries(catalog)) {
      if (typeof value === 'string') texts.set(prefix + key, value);
      else visit(value, `${prefix}${key}.`);
    }
  };
  visit(JSON.parse(readFileSync(path, 'utf8')) as Catalog, '');
  return texts;
}
