import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTextForm } from '../../../src/http/text-form.js';

const forms: [text: string, pairs: [string, string][]][] = [
  ['', []],
  [
    'foo=bar\r\nbaz=qux\r\nbaz=quux',
    [
      ['foo', 'bar'],
      ['baz', 'qux'],
      ['baz', 'quux'],
    ],
  ],
  [
    'foo=bar\r\nbaz=qux\r\n',
    [
      ['foo', 'bar'],
      ['baz', 'qux'],
    ],
  ],
  [
    'a=1\nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1\rb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a', [['a', '']]],
  [
    'a\r\nb=1',
    [
      ['a', ''],
      ['b', '1'],
    ],
  ],
  ['a=', [['a', '']]],
  ['=b', [['', 'b']]],
  ['a=b=c', [['a', 'b=c']]],
  [
    'a=1\r\n\r\nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a=Hello+%20&b=1', [['a', 'Hello+%20&b=1']]],
  ['__proto__=x', [['__proto__', 'x']]],
];
for (const [text, pairs] of forms)
  test(`the text form ${JSON.stringify(text)} has the pairs ${JSON.stringify(pairs)}`, () => {
    assert.deepEqual(parseTextForm(text), pairs);
  });

test('a megabyte of lines is read in linear time', () => {
  const before = performance.now();
  assert.equal(parseTextForm('a\n'.repeat(500_000)).length, 500_000);
  assert.ok(performance.now() - before < 5000);
});
