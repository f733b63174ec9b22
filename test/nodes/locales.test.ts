/** The catalogs of all languages: the same keys, the same values put in, the same markup, and nothing left in English. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { folders, languages, textsOf } from '../support/locales.js';

/** Texts that are the same in every language: node types, words of protocols, values with punctuation. */
const international = new Set(
  [
    'auth|file response|http server control|http server in|http server response|http servers|rate limit|route|sse out',
    'websocket in|websocket out|404 Not Found|/device/7|message|ms|route (__count__)|__name__ = __value__',
    '__realm__ (__count__)|204: Allow: __methods__.|websocket __channel__|events __channel__|__limit__ in __window__ s',
    'JSON|JWT|TLS|WEBSOCKET|WebSocket',
  ].flatMap((line) => line.split('|')),
);

/** Words that a language shares with English. */
const shared: Readonly<Record<string, string>> = {
  de: 'Buffer|Clients|Cookie|Cookies|Event|Events|Header|Host|Name|Port|Rate|Server|Status|Stream|Token|Upload|Uploads',
  fr: 'Clients|Cookie|Cookies|cookie|Fragments|Messages|messages|Options|Port',
  'zh-CN': 'Buffer|Cookie|cookie',
};

/** What must be the same in every language: the values that are put in, and markup with what code it holds. */
function marksOf(text: string): string[] {
  return (text.match(/__\w+__|<code>.*?<\/code>|<[^>]+>/g) ?? []).sort();
}

for (const language of languages) {
  describe(`the texts in "${language}"`, () => {
    for (const folder of folders) {
      it(`${folder} has the keys of en-US in their order, no more and no less`, () => {
        assert.deepEqual([...textsOf(folder, language).keys()], [...textsOf(folder, 'en-US').keys()]);
      });

      it(`${folder} has no empty text, and keeps values and markup`, () => {
        const english = textsOf(folder, 'en-US');
        for (const [key, text] of textsOf(folder, language)) {
          assert.notEqual(text.trim(), '', key);
          assert.deepEqual(marksOf(text), marksOf(english.get(key) ?? ''), key);
        }
      });

      it(`${folder} leaves no text in English`, () => {
        const english = textsOf(folder, 'en-US');
        const left = [...textsOf(folder, language)].filter(
          ([key, text]) =>
            text === english.get(key) && !international.has(text) && !shared[language]?.split('|').includes(text),
        );
        assert.deepEqual(left, []);
      });
    }
  });
}
