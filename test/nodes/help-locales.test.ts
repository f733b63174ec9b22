/** The help pages of all languages: English is what they are held to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeNames } from '../support/editor-page.js';
import { languages, textsOf } from '../support/locales.js';
import { projectRoot } from '../support/node-red.js';

/** Headings of the core nodes' help in each language, and of references, which those have in English only. */
const headings: Readonly<Record<string, readonly string[]>> = {
  'en-US': ['Inputs', 'Outputs', 'Details', 'References'],
  de: ['Eingangsdaten', 'Ausgangsdaten', 'Details', 'Verweise'],
  fr: ['Entrées', 'Sorties', 'Détails', 'Références'],
  ja: ['入力', '出力', '詳細', '参照'],
  'zh-CN': ['输入', '输出', '详细', '参考'],
};

/** Nodes whose lists are of fields and choices, as the dialog calls them, not of message properties. */
const withoutMessages = ['http-server-config', 'http-server-credentials'];

function helpOf(name: string, language: string): string {
  return readFileSync(join(projectRoot, 'nodes', name, 'locales', language, `${name}.html`), 'utf8');
}

/** What stands between the tags of a kind, in the order of the page, white space evened out. */
function contents(help: string, tag: string): string[] {
  const pattern = new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}\\s*>`, 'g');
  return [...help.matchAll(pattern)].map(([, content = '']) => content.replace(/\s+/g, ' ').trim());
}

/** The properties of the lists, without the types behind them. */
function terms(help: string): string[] {
  return contents(help, 'dt').map((term) => term.replace(/<span.*/, '').trim());
}

/** Example code without its comments. */
function examples(help: string): string[] {
  return contents(help.replace(/^\/\/ .*$/gm, ''), 'pre');
}

function tags(help: string): string[] {
  return (help.match(/<[^>]+>/g) ?? []).map((tag) => tag.replace(/\s+/g, ' ').replace(' >', '>')).sort();
}

for (const language of languages) {
  describe(`the help in "${language}"`, () => {
    for (const name of nodeNames) {
      const english = helpOf(name, 'en-US');
      const help = helpOf(name, language);

      it(`of ${name} tells of the same properties, values and examples as in English`, () => {
        if (!withoutMessages.includes(name)) assert.deepEqual(terms(help), terms(english));
        assert.deepEqual(contents(help, 'code').sort(), contents(english, 'code').sort());
        assert.deepEqual(examples(help), examples(english));
      });

      it(`of ${name} has the same markup and links, and the headings of the core nodes`, () => {
        assert.deepEqual(tags(help), tags(english));
        const translated = contents(english, 'h3').map(
          (heading) => headings[language]?.[headings['en-US']?.indexOf(heading) ?? -1],
        );
        assert.deepEqual(contents(help, 'h3'), translated);
      });

      it(`of ${name} calls fields and choices as the dialogs do`, () => {
        const names = ['http-server-config', name].flatMap((node) => [
          ...textsOf(join('nodes', node), language).values(),
        ]);
        const listed = withoutMessages.includes(name) ? terms(help).flatMap((term) => term.split(/, |、|，/)) : [];
        assert.deepEqual(
          contents(help, 'i')
            .concat(listed)
            .filter((text) => !names.includes(text)),
          [],
        );
      });

      it(`of ${name} leaves no paragraph in English`, () => {
        const known = new Set(contents(english, 'p').concat(contents(english, 'dd')));
        const same = contents(help, 'p')
          .concat(contents(help, 'dd'))
          .filter((text) => known.has(text) && /\p{L}/u.test(text.replace(/<code\b[^>]*>.*?<\/code\s*>/g, '')));
        assert.deepEqual(same, []);
      });
    }
  });
}
