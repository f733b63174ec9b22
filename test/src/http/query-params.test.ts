import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { escapeHtml } from '../../../src/http/fields.js';
import { QueryParams } from '../../../src/http/query-params.js';

const hostile = `<script>alert("x&y's")</script>`;
const escaped = '&lt;script&gt;alert(&quot;x&amp;y&apos;s&quot;)&lt;/script&gt;';

test('FS2 get gives the first value, else the fallback, else undefined', () => {
  const params = new QueryParams('a=1&a=2&b=');
  assert.equal(params.get('a'), '1');
  assert.equal(params.get('b'), '');
  assert.equal(params.get('c'), undefined);
  assert.equal(params.get('c', 'none'), 'none');
  assert.equal(params.get('b', 'none'), '');
});

test('FS4 getList gives all values, an empty list for an unknown name', () => {
  const params = new QueryParams('foo=bar&baz=qux&baz=quux');
  assert.deepEqual(params.getList('baz'), ['qux', 'quux']);
  assert.deepEqual(params.getList('nope'), []);
});

test('FS5 to FS8 names, pairs, values, size and iteration group by name', () => {
  const params = new QueryParams('b=1&a=2&b=3');
  assert.deepEqual(params.fields, ['b', 'a']);
  assert.deepEqual(params.keys(), ['b', 'a']);
  assert.deepEqual(params.items(), [
    ['b', '1'],
    ['b', '3'],
    ['a', '2'],
  ]);
  assert.deepEqual(params.values(), ['1', '3', '2']);
  assert.equal(params.size, 2);
  assert.deepEqual([...params], ['b', 'a']);
  assert.equal(params.has('a'), true);
  assert.equal(params.has('A'), false);
});

test('FS9 get, getList, items, values and toString escape HTML unless told not to', () => {
  const params = new QueryParams([['q', hostile]]);
  assert.equal(params.get('q'), escaped);
  assert.deepEqual(params.getList('q'), [escaped]);
  assert.deepEqual(params.items(), [['q', escaped]]);
  assert.deepEqual(params.values(), [escaped]);
  assert.equal(params.toString(), `q=${escaped}`);
  const raw = { safe: false };
  assert.equal(params.get('q', undefined, raw), hostile);
  assert.equal(params.get('q', raw), hostile);
  assert.equal(params.get('q', 'none', raw), hostile);
  assert.deepEqual(params.getList('q', raw), [hostile]);
  assert.deepEqual(params.items(raw), [['q', hostile]]);
  assert.deepEqual(params.values(raw), [hostile]);
});

test('FS9 the fallback is escaped as well, names never are', () => {
  const params = new QueryParams([['<n>', '1']]);
  assert.equal(params.get('x', '<b>'), '&lt;b&gt;');
  assert.equal(params.get('x', '<b>', { safe: false }), '<b>');
  assert.deepEqual(params.fields, ['<n>']);
  assert.equal(params.toString(), '<n>=1');
});

test('L28 reading escaped does not change what is stored', () => {
  const params = new QueryParams([['q', hostile]]);
  params.get('q');
  params.items();
  assert.equal(params.get('q', { safe: false }), hostile);
});

test('the entities are those of the API, in one pass', () => {
  assert.equal(escapeHtml(`& < > " '`), '&amp; &lt; &gt; &quot; &apos;');
  assert.equal(escapeHtml('&amp;'), '&amp;amp;');
  assert.equal(escapeHtml('plain'), 'plain');
});

const rules: [id: string, text: string, items: [string, string][]][] = [
  [
    'QP1',
    'foo=bar&baz=qux&baz=quux',
    [
      ['foo', 'bar'],
      ['baz', 'qux'],
      ['baz', 'quux'],
    ],
  ],
  [
    'QP2',
    'a=1&b&c=&=d&&e==f',
    [
      ['a', '1'],
      ['b', ''],
      ['c', ''],
      ['', 'd'],
      ['e', '=f'],
    ],
  ],
  ['D1', 'a=Hello%20+', [['a', 'Hello  ']]],
  ['QP4', 'a=1?b=2', [['a', '1?b=2']]],
];
for (const [id, text, items] of rules)
  test(`${id} the query ${text} is split as the API says`, () => {
    assert.deepEqual(new QueryParams(text).items({ safe: false }), items);
  });

test('QP5 the text form joins names and values again', () => {
  assert.equal(new QueryParams('a=1&b&a=2').toString(), 'a=1&a=2&b=');
  assert.equal(new QueryParams('').toString(), '');
});

test('T23 more than 1,000 parameters are refused', () => {
  assert.throws(() => new QueryParams('a&'.repeat(1001)), { code: 'TOO_MANY_PARAMETERS' });
  assert.equal(new QueryParams('a&'.repeat(1001), 2000).getList('a').length, 1001);
});

test('T21 the JSON form leaves out names that reach into a prototype', () => {
  const params = new QueryParams('__proto__=x&constructor=y&a=1&a=2');
  assert.equal(JSON.stringify(params), '{"a":["1","2"]}');
  assert.equal(params.get('toString'), undefined);
});

test('it prints its raw values', () => {
  assert.equal(inspect(new QueryParams('foo=<b>')), "<QueryParams { foo: [ '<b>' ] }>");
});
