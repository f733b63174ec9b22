import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { BodyBudget } from '../../../src/body/body-budget.js';
import { type SizeLimit, readBody } from '../../../src/body/read-body.js';

const most = (bytes: number): SizeLimit => ({ bytes, name: 'bodyLimit' });

const listeners = (stream: Readable): number =>
  ['data', 'error', 'close'].reduce((sum, event) => sum + stream.listenerCount(event), 0);

test('a body is read whole, whatever the chunks', async () => {
  for (const chunks of [[], ['a'], ['a', 'b'], ['', 'abc', ''], ['x'.repeat(100_000), 'y']]) {
    const { bytes } = await readBody(
      Readable.from(
        chunks.map((chunk) => Buffer.from(chunk)),
        { objectMode: false },
      ),
      {
        limit: most(1e6),
      },
    );
    assert.equal(bytes.toString(), chunks.join(''));
  }
});

test('a body of one chunk is that chunk', async () => {
  const stream = new PassThrough();
  const promise = readBody(stream, { limit: most(100) });
  stream.end(Buffer.from('hello'));
  assert.equal((await promise).bytes.toString(), 'hello');
});

test('T18 a body at the limit is taken, a byte more is 413 with the limit named', async () => {
  assert.equal((await readBody(Readable.from([Buffer.alloc(10)]), { limit: most(10) })).bytes.length, 10);
  await assert.rejects(readBody(Readable.from([Buffer.alloc(6), Buffer.alloc(5)]), { limit: most(10) }), {
    code: 'BODY_TOO_LARGE',
    status: 413,
    message: 'The body is larger than the limit of 10 bytes (bodyLimit).',
  });
});

test('T18 past the limit reading stops: the stream is paused, not destroyed, and no listener is left', async () => {
  const stream = new PassThrough();
  const promise = readBody(stream, { limit: most(10) });
  stream.write(Buffer.alloc(11));
  await assert.rejects(promise, { code: 'BODY_TOO_LARGE' });
  assert.equal(stream.isPaused(), true);
  assert.equal(stream.destroyed, false);
  assert.equal(stream.listenerCount('data'), 0);
  stream.write(Buffer.alloc(5));
  stream.resume();
});

test('no listener is left after a body was read', async () => {
  const stream = new PassThrough();
  const before = listeners(stream);
  const promise = readBody(stream, { limit: most(100) });
  assert.ok(listeners(stream) > before);
  stream.end('x');
  await promise;
  assert.equal(listeners(stream), before);
});

test('a stream that closes or fails early is BODY_TRUNCATED', async () => {
  const closed = new PassThrough();
  const closing = readBody(closed, { limit: most(100) });
  closed.write('half');
  closed.destroy();
  await assert.rejects(closing, { code: 'BODY_TRUNCATED', status: 400 });
  const failed = new PassThrough();
  const failing = readBody(failed, { limit: most(100) });
  const cause = new Error('ECONNRESET');
  failed.destroy(cause);
  await assert.rejects(failing, { code: 'BODY_TRUNCATED', cause });
});

test('a stream that is over before it is read does not hang', async () => {
  const ended = Readable.from([]);
  ended.resume();
  await new Promise((resolve) => ended.once('end', resolve));
  assert.equal((await readBody(ended, { limit: most(10) })).bytes.length, 0);
  const destroyed = new PassThrough();
  destroyed.destroy();
  await assert.rejects(readBody(destroyed, { limit: most(10) }), { code: 'BODY_TRUNCATED' });
});

test('T82 the bytes are taken from the budget while they come and given back by release', async () => {
  const budget = new BodyBudget(100);
  const stream = new PassThrough();
  const promise = readBody(stream, { limit: most(1000), budget });
  stream.write(Buffer.alloc(40));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(budget.used, 40);
  stream.end(Buffer.alloc(20));
  const { release } = await promise;
  assert.equal(budget.used, 60);
  release();
  release();
  assert.equal(budget.used, 0);
});

test('T82 a budget that others use up is 503, one the body itself exceeds is 413; both give back', async () => {
  const budget = new BodyBudget(100);
  budget.take(60, 60);
  await assert.rejects(readBody(Readable.from([Buffer.alloc(30), Buffer.alloc(30)]), { limit: most(1000), budget }), {
    code: 'OVERLOADED',
    headers: { 'Retry-After': '1' },
  });
  assert.equal(budget.used, 60);
  await assert.rejects(readBody(Readable.from([Buffer.alloc(30), Buffer.alloc(80)]), { limit: most(1000), budget }), {
    code: 'BODY_TOO_LARGE',
  });
  assert.equal(budget.used, 60);
});

test('a failed read gives its bytes back', async () => {
  const budget = new BodyBudget(100);
  const stream = new PassThrough();
  const promise = readBody(stream, { limit: most(1000), budget });
  stream.write(Buffer.alloc(40));
  await new Promise((resolve) => setImmediate(resolve));
  stream.destroy();
  await assert.rejects(promise);
  assert.equal(budget.used, 0);
});
