import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { HttpError } from '../../../src/errors.js';
import { decodeFormText, objectOf, parseQuery, parseQueryPairs } from '../../../src/http/query.js';
import { leastCpu } from '../../support/cpu-time.js';

const queries: [text: string, query: Record<string, string | string[]>][] = [
  ['', {}],
  ['a=1', { a: '1' }],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['foo=bar&baz=qux&baz=quux', { foo: 'bar', baz: ['qux', 'quux'] }],
  ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
  ['a=1&b&c=&=d&&e==f', { a: '1', b: '', c: '', '': 'd', e: '=f' }],
  ['&&&', {}],
  ['&a=1&', { a: '1' }],
  ['a=1?b=2', { a: '1?b=2' }],
  ['a=Hello%20+World%21', { a: 'Hello  World!' }],
  ['na%20me=v', { 'na me': 'v' }],
  ['a%26b=c%3Dd', { 'a&b': 'c=d' }],
  ['%C3%BC=%E2%82%AC', { '\u00fc': '\u20ac' }],
  ['a=%2B', { a: '+' }],
  ['a=%zz', { a: '%zz' }],
  ['a=%', { a: '%' }],
  ['a=100%&b=%41', { a: '100%', b: 'A' }],
  ['a=%C3%BC%zz%41', { a: '\u00fc%zzA' }],
  ['a=%ff', { a: '%ff' }],
  ['a[b]=1&a[c]=2&a[]=3', { 'a[b]': '1', 'a[c]': '2', 'a[]': '3' }],
  ['a.b=1', { 'a.b': '1' }],
  ['hasOwnProperty=1&toString=2', { hasOwnProperty: '1', toString: '2' }],
  ['a;b=1', { 'a;b': '1' }],
  ['a=\u00fc', { a: '\u00fc' }],
];
for (const [text, query] of queries)
  test(`the query ${JSON.stringify(text)} is ${JSON.stringify(query)}`, () => {
    assert.deepEqual(parseQuery(text), query);
  });

test('the query is an ordinary object: it prints, serialises and answers hasOwnProperty', () => {
  const query = parseQuery('a=1&b=2');
  assert.equal(Object.getPrototypeOf(query), Object.prototype);
  assert.equal(inspect(query), "{ a: '1', b: '2' }");
  assert.equal(JSON.stringify(query), '{"a":"1","b":"2"}');
  assert.equal(Object.prototype.hasOwnProperty.call(query, 'a'), true);
});

test('T21 names that reach into a prototype are dropped, however they are written', () => {
  const query = parseQuery('__proto__=x&constructor=y&prototype=z&%5F_proto__=w&a=1&__proto__[x]=1');
  assert.deepEqual(query, { a: '1', '__proto__[x]': '1' });
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
  assert.equal(query['constructor'], Object);
});

test('T23 a repeated name is an array, and nothing nests', () => {
  assert.deepEqual(parseQuery('a=1&a=2'), { a: ['1', '2'] });
  const deep = `a${'[b]'.repeat(1000)}`;
  assert.deepEqual(Object.keys(parseQuery(`${deep}=1`)), [deep]);
});

test('T23 exactly 1,000 parameters are taken, one more is refused', () => {
  const many = Array.from({ length: 1000 }, (_, index) => `p${index}=${index}`).join('&');
  assert.equal(Object.keys(parseQuery(many)).length, 1000);
  assert.throws(() => parseQuery(`${many}&more`), {
    name: 'HttpError',
    code: 'TOO_MANY_PARAMETERS',
    status: 400,
    message: 'The query or form has more than 1000 parameters.',
  });
});

test('T23 the same name a thousand times is one array; empty parts do not count', () => {
  assert.equal((parseQuery('a=1&'.repeat(1000))['a'] as string[]).length, 1000);
  assert.deepEqual(parseQuery(`${'&'.repeat(5000)}a=1`), { a: '1' });
});

test('the number of parameters can be set', () => {
  assert.deepEqual(parseQuery('a=1&b=2', 2), { a: '1', b: '2' });
  assert.throws(() => parseQuery('a=1&b=2&c=3', 2), HttpError);
});

test('T24 ten thousand parameters with crafted names cost less than 50 ms', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `${index * 4294967}`);
  const text = names.join('=1&');
  assert.equal(Object.keys(parseQuery(text, 10_000)).length, 10_000);
  assert.ok(leastCpu(() => parseQuery(text, 10_000)) < 50);
});

test('T24 a megabyte of parts without an equals sign is read in linear time', () => {
  const text = 'a&'.repeat(500_000);
  assert.equal(parseQueryPairs(text, 1e6).length, 500_000);
  assert.ok(leastCpu(() => parseQueryPairs(text, 1e6)) < 500);
});

test('pairs keep order and duplicates', () => {
  assert.deepEqual(parseQueryPairs('b=1&a=2&b=3'), [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ]);
});

test('an object of pairs lets arrays grow and leaves its input alone', () => {
  const pairs = [
    ['a', '1'],
    ['a', '2'],
    ['a', '3'],
  ] as const;
  assert.deepEqual(objectOf(pairs), { a: ['1', '2', '3'] });
  assert.deepEqual(objectOf([]), {});
});

test('text without escapes is returned as it is', () => {
  assert.equal(decodeFormText('plain'), 'plain');
  assert.equal(decodeFormText('a+b'), 'a b');
  assert.equal(decodeFormText('%41%zz%42'), 'A%zzB');
});
