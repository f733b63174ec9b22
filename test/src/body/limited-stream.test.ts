import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { limitStream } from '../../../src/body/limited-stream.js';
import type { HttpError } from '../../../src/errors.js';
import { most, until } from './body-server.js';

const ignore = (): void => undefined;

test('a body within the limit comes through whole', async () => {
  const request = new PassThrough();
  const stream = limitStream(request, most(100), ignore);
  request.write('a'.repeat(60));
  request.end('b'.repeat(40));
  assert.equal((await buffer(stream)).toString(), 'a'.repeat(60) + 'b'.repeat(40));
});

test('nothing is read before the first read', async () => {
  const request = new PassThrough();
  const stream = limitStream(request, most(100), ignore);
  request.write('abc');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(request.readableLength, 3);
  assert.equal(request.listenerCount('data'), 0);
  stream.resume();
  assert.ok(await until(() => request.readableLength === 0));
});

test('a byte over the limit fails the stream, tells once, and pauses the request without destroying it', async () => {
  const request = new PassThrough();
  const told: HttpError[] = [];
  const stream = limitStream(request, most(10), (error) => told.push(error));
  const reading = buffer(stream);
  request.write(Buffer.alloc(11));
  await assert.rejects(reading, { code: 'BODY_TOO_LARGE', status: 413 });
  assert.equal(told.length, 1);
  assert.equal(told[0]?.message, 'The body is larger than the limit of 10 bytes (bodyLimit).');
  assert.equal(request.destroyed, false);
  assert.equal(request.isPaused(), true);
  assert.equal(request.listenerCount('data'), 0);
});

test('a client that leaves early is BODY_TRUNCATED, and nobody has to listen', async () => {
  const request = new PassThrough();
  const reading = buffer(limitStream(request, most(10), ignore));
  request.write('x');
  request.destroy();
  await assert.rejects(reading, { code: 'BODY_TRUNCATED' });
  const unread = new PassThrough();
  limitStream(unread, most(10), ignore).resume();
  unread.destroy();
  await new Promise((resolve) => setImmediate(resolve));
});

test('a slow reader slows the request down', async () => {
  const request = new PassThrough({ highWaterMark: 1024 });
  const stream = limitStream(request, most(1e9), ignore);
  stream.read(0);
  let written = 0;
  while (request.write(Buffer.alloc(16 * 1024)) || written < 20) {
    if (++written > 1000) break;
    await new Promise((resolve) => setImmediate(resolve));
    if (request.isPaused() && request.writableNeedDrain) break;
  }
  assert.ok(stream.readableLength < 200_000, `${stream.readableLength} bytes are held`);
});
