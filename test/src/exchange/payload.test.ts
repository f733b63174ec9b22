import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { describe, it } from 'node:test';
import { bytesOf, encodePayload, isStreamable } from '../../../src/exchange/payload.js';

const html = 'text/html; charset=utf-8';
const plain = 'text/plain; charset=utf-8';
const json = 'application/json; charset=utf-8';
const binary = 'application/octet-stream';

describe('a payload as bytes', () => {
  const cases: [payload: unknown, auto: [unknown, unknown], asJson: unknown, text: unknown][] = [
    ['hi', ['hi', html], '"hi"', 'hi'],
    ['', ['', html], '""', ''],
    [0, ['0', html], '0', '0'],
    [true, ['true', html], 'true', 'true'],
    [null, ['null', json], 'null', 'null'],
    [{ a: 1 }, ['{"a":1}', json], '{"a":1}', '{"a":1}'],
    [[1, 'a'], ['[1,"a"]', json], '[1,"a"]', '[1,"a"]'],
    [new Date(0), ['"1970-01-01T00:00:00.000Z"', json], '"1970-01-01T00:00:00.000Z"', '"1970-01-01T00:00:00.000Z"'],
  ];
  for (const [payload, [body, type], asJson, text] of cases)
    it(`${JSON.stringify(payload)} as auto, json and text`, () => {
      assert.deepEqual(encodePayload(payload, 'auto'), { body, contentType: type });
      assert.deepEqual(encodePayload(payload, 'json'), { body: asJson, contentType: json });
      assert.deepEqual(encodePayload(payload, 'text'), { body: text, contentType: plain });
    });

  it('undefined is nothing, whatever the mode', () => {
    for (const mode of ['auto', 'json', 'text'] as const)
      assert.deepEqual(encodePayload(undefined, mode), { body: undefined, contentType: undefined });
  });

  it('a BigInt is its digits, but has no JSON', () => {
    assert.deepEqual(encodePayload(7n, 'auto'), { body: '7', contentType: html });
    assert.throws(() => encodePayload(7n, 'json'), { code: 'INVALID_PAYLOAD' });
  });

  it('Buffers, typed arrays, views and ArrayBuffers are their bytes, without a copy where possible', () => {
    const bytes = Buffer.from('abcd');
    assert.equal(bytesOf(bytes), bytes);
    const view = new Uint8Array(new ArrayBuffer(8), 2, 4);
    assert.equal(bytesOf(view)?.buffer, view.buffer);
    assert.equal(bytesOf(view)?.length, 4);
    assert.equal(bytesOf(new DataView(new ArrayBuffer(3)))?.length, 3);
    assert.equal(bytesOf(new ArrayBuffer(5))?.length, 5);
    assert.equal(bytesOf(new SharedArrayBuffer(6))?.length, 6);
    for (const other of ['abc', null, undefined, {}, [1, 2]]) assert.equal(bytesOf(other), undefined);
    assert.deepEqual(encodePayload(view, 'auto').contentType, binary);
    assert.deepEqual(encodePayload(bytes, 'text').contentType, plain);
  });

  it('T47 what has no text is INVALID_PAYLOAD, the reason named', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    assert.throws(() => encodePayload(cycle, 'auto'), {
      code: 'INVALID_PAYLOAD',
      message: 'The payload cannot be written as JSON: Converting circular structure to JSON',
    });
    assert.throws(() => encodePayload(() => 1, 'json'), { message: 'A function cannot be written as JSON.' });
    assert.throws(() => encodePayload(Symbol('s'), 'auto'), { message: 'A symbol cannot be written as JSON.' });
    assert.throws(
      () =>
        encodePayload(
          {
            toJSON() {
              throw new Error('no\nway');
            },
          },
          'json',
        ),
      { message: 'The payload cannot be written as JSON: no' },
    );
  });
});

describe('what is sent piece by piece', () => {
  it('is a stream, a web stream, a generator, an iterable of one of these kinds', () => {
    const iterable = { *[Symbol.iterator]() {} };
    const asyncIterable = { async *[Symbol.asyncIterator]() {} };
    for (const payload of [Readable.from([]), new ReadableStream(), iterable, asyncIterable, (function* () {})()])
      assert.equal(isStreamable(payload), true);
  });

  it('is not data, however iterable: text, arrays, Buffers, Maps, Sets', () => {
    for (const payload of [
      'abc',
      [1],
      Buffer.from('a'),
      new Uint8Array(1),
      new Map(),
      new Set(),
      Object('s'),
      null,
      5,
      {},
    ])
      assert.equal(isStreamable(payload), false);
  });
});
