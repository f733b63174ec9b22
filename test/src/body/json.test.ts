import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../../src/errors.js';
import { maxJsonDepth, parseJson } from '../../../src/body/json.js';
import { leastCpu } from '../../support/cpu-time.js';

const codeOf = (text: string): string => {
  try {
    parseJson(text);
    return 'accepted';
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.status, 400);
    return error.code;
  }
};

test('any JSON value is taken', () => {
  for (const text of ['{}', '[]', '1', '-1.5e3', '"x"', 'true', 'false', 'null', ' {"a":[1,{"b":null}]} '])
    assert.deepEqual(parseJson(text), JSON.parse(text), text);
});

test('T20 invalid JSON is 400, and nothing of it is in the message', () => {
  for (const text of [
    '',
    '{',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    'undefined',
    'NaN',
    '{"secret":',
    '"\n"',
    '1 2',
    '\u00a01',
  ]) {
    assert.throws(
      () => parseJson(text),
      { code: 'BAD_JSON', status: 400, message: 'The body is not valid JSON.' },
      text,
    );
  }
});

const forbidden = [
  '{"__proto__":1}',
  '{"__proto__":{"x":1}}',
  '{"a":[{"b":{"__proto__":null}}]}',
  '{"\\u005f_proto__":1}',
  '{"__pr\\u006Fto__":1}',
  '{"\\u005F\\u005F\\u0070roto__":1}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"constructor":{"prototype":1}}',
  '{"constr\\u0075ctor":{"\\u0070rototype":{}}}',
  '[[[{"constructor":{"a":1,"prototype":null}}]]]',
];
for (const text of forbidden)
  test(`T21 ${text} is refused`, () => {
    assert.throws(() => parseJson(text), {
      code: 'FORBIDDEN_KEY',
      status: 400,
      message: 'The body contains a forbidden property name.',
    });
  });

const harmless = [
  '{"a":"__proto__"}',
  '["constructor","prototype"]',
  '{"constructor":1}',
  '{"constructor":"prototype"}',
  '{"constructor":{"name":"x"}}',
  '{"constructor":null}',
  '{"prototype":1}',
  '{"proto":1,"__proto":2,"_proto_":3}',
  '{"a":"\\u0061\\u005f"}',
  '{"__PROTO__":1}',
];
for (const text of harmless)
  test(`T21 ${text} is taken: it reaches no prototype`, () => {
    assert.deepEqual(parseJson(text), JSON.parse(text));
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

test(`T22 ${maxJsonDepth} levels are taken, one more is refused`, () => {
  const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  assert.equal(codeOf(arrays(maxJsonDepth)), 'accepted');
  assert.equal(codeOf(objects(maxJsonDepth)), 'accepted');
  assert.throws(() => parseJson(arrays(maxJsonDepth + 1)), {
    code: 'BAD_JSON',
    message: 'The JSON of the body nests deeper than 1000 levels.',
  });
  assert.equal(codeOf(objects(maxJsonDepth + 1)), 'BAD_JSON');
});

test('T22 a depth of 100,000 is 400, closed or not, in arrays or objects', () => {
  for (const text of [
    '['.repeat(100_000),
    '['.repeat(100_000) + ']'.repeat(100_000),
    '{"a":'.repeat(100_000),
    '[{"a":'.repeat(50_000),
  ])
    assert.equal(codeOf(text), 'BAD_JSON');
});

test('T22 brackets inside strings are no depth', () => {
  const text = JSON.stringify({ a: '['.repeat(5000), 'b"\\': '{"\\'.repeat(5000), c: '\\', d: '"' });
  assert.deepEqual(parseJson(text), JSON.parse(text));
});

test('T22 many siblings are no depth', () => {
  const text = `[${'[],'.repeat(5000)}[]]`;
  assert.equal((parseJson(text) as unknown[]).length, 5001);
});

test('T22 an open string with many escapes is refused in linear time', () => {
  const before = performance.now();
  for (const text of [`"${'\\'.repeat(1_000_001)}`, `["${'\\"'.repeat(500_000)}`, `"${'\\\\"'.repeat(300_000)}`])
    assert.equal(codeOf(text), 'BAD_JSON');
  assert.ok(performance.now() - before < 5000);
});

test('T22 a megabyte of numbers, keys or duplicate keys stalls the event loop only shortly', () => {
  const keys = `{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":1`).join(',')}}`;
  const duplicates = `{${'"a":1,'.repeat(150_000)}"a":2}`;
  const digits = '1'.repeat(1_000_000);
  parseJson(keys);
  // The bound is 100 ms on an idle machine; on a busy one the same work counts for more.
  for (const text of [keys, duplicates, digits]) assert.ok(leastCpu(() => parseJson(text)) < 300);
  assert.deepEqual(parseJson(duplicates), { a: 2 });
});

test('T21 a megabyte that looks suspicious is still walked quickly', () => {
  const text = `[${'{"constructor":1},'.repeat(55_000)}{"constructor":1}]`;
  parseJson(text);
  assert.ok(leastCpu(() => parseJson(text)) < 300);
});
