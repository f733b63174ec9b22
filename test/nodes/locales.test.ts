/** The catalogs of all languages: the same keys, the same values put in, the same markup. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

type Catalog = { readonly [key: string]: Catalog | string };

const languages = ['de'];

/** The nodes and plugins that have texts, by their folders. */
const folders = ['nodes', 'plugins'].flatMap((kind) =>
  readdirSync(join(projectRoot, kind))
    .map((name) => join(kind, name))
    .filter((folder) => existsSync(join(projectRoot, folder, 'locales'))),
);

function textsOf(folder: string, language: string): Map<string, string> {
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

/** What must be the same in every language: the values that are put in, and markup. */
function marksOf(text: string): string[] {
  return (text.match(/__\w+__|<code>.*?<\/code>/g) ?? []).sort();
}

for (const language of languages) {
  describe(`the texts in "${language}"`, () => {
    for (const folder of folders) {
      it(`${folder} has the keys of en-US, no more and no less`, () => {
        const english = [...textsOf(folder, 'en-US').keys()];
        const other = [...textsOf(folder, language).keys()];
        assert.deepEqual(
          {
            missing: english.filter((key) => !other.includes(key)),
            tooMany: other.filter((key) => !english.includes(key)),
          },
          { missing: [], tooMany: [] },
        );
      });

      it(`${folder} has no empty text, and keeps values and markup`, () => {
        const english = textsOf(folder, 'en-US');
        for (const [key, text] of textsOf(folder, language)) {
          assert.notEqual(text.trim(), '', key);
          assert.deepEqual(marksOf(text), marksOf(english.get(key) ?? ''), key);
        }
      });
    }
  });
}
