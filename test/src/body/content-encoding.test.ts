import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { decodeContent, toBodyError } from '../../../src/body/content-encoding.js';
import { readBody } from '../../../src/body/read-body.js';
import { most, startBodyServer } from './body-server.js';

const text = 'The quick brown fox. '.repeat(5000);
const codings: [encoding: string, encode: (text: string | Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['GZIP', zlib.gzipSync],
  [' gzip ', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
];

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

for (const [encoding, encode] of codings)
  for (const size of [1, 7, 1 << 20])
    test(`${encode.name} named ${JSON.stringify(encoding)} is decoded in pieces of ${size}`, async () => {
      const encoded = encode(text);
      const stream = decodeContent(Readable.from(pieces(encoded, size), { objectMode: false }), encoding);
      assert.equal((await readBody(stream, { limit: most(1e6) })).bytes.toString(), text);
    });

test('without a coding, or with identity, the request itself is the body', () => {
  const request = new PassThrough();
  for (const encoding of [undefined, '', 'identity', ' Identity '])
    assert.equal(decodeContent(request, encoding), request);
});

for (const encoding of ['gzip, br', 'gzip, gzip', 'identity, gzip', 'compress', 'zstd', 'x'.repeat(1000)])
  test(`T19 the coding ${encoding.slice(0, 20)} is 415 and says what is taken`, () => {
    assert.throws(() => decodeContent(new PassThrough(), encoding), {
      code: 'UNSUPPORTED_ENCODING',
      status: 415,
      message: `The Content-Encoding ${JSON.stringify(encoding.slice(0, 60))} is not supported.`,
      headers: { 'Accept-Encoding': 'gzip, deflate, br' },
    });
  });

for (const [encoding, encode] of codings) {
  test(`T19 a ${encode.name} bomb (${encoding}) is 413 at the limit of decoded bytes`, async () => {
    const server = await startBodyServer({ memoryLimit: most(100_000) });
    const bomb = encode(Buffer.alloc(20_000_000));
    assert.ok(bomb.length < 100_000);
    const outcome = await server.post({ 'Content-Encoding': encoding, 'Content-Type': 'text/plain' }, bomb);
    assert.equal(outcome.code, 'BODY_TOO_LARGE');
    assert.equal(outcome.message, 'The body is larger than the limit of 100000 bytes (bodyLimit).');
    assert.equal(server.budget.used, 0);
  });

  test(`a ${encode.name} body (${encoding}) that is cut short or corrupt is BAD_BODY`, async () => {
    const encoded = encode(text);
    const server = await startBodyServer();
    const headers = { 'Content-Encoding': encoding, 'Content-Type': 'text/plain' };
    assert.equal((await server.post(headers, encoded.subarray(0, encoded.length >> 1))).code, 'BAD_BODY');
    const broken = Buffer.from(encoded);
    broken.fill(0xff, 4, broken.length);
    assert.equal((await server.post(headers, broken)).code, 'BAD_BODY');
    assert.equal((await server.post(headers, text)).code, 'BAD_BODY');
  });
}

test('a corrupt body is answered: the decoder does not take the connection down', async () => {
  const { port } = await startBodyServer();
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' },
    body: 'no gzip at all',
  });
  assert.equal(response.status, 400);
  assert.equal(await response.text(), 'The body does not match its Content-Type or Content-Encoding.');
});

test('a request that breaks off while it is decoded is BODY_TRUNCATED', async () => {
  const request = new PassThrough();
  const reading = readBody(decodeContent(request, 'gzip'), { limit: most(1e6) });
  request.write(zlib.gzipSync(text).subarray(0, 50));
  request.destroy();
  await assert.rejects(reading, { code: 'BODY_TRUNCATED' });
});

test('a request that was gone before is BODY_TRUNCATED', async () => {
  const request = new PassThrough();
  request.destroy();
  await assert.rejects(readBody(decodeContent(request, 'gzip'), { limit: most(1e6) }), { code: 'BODY_TRUNCATED' });
});

test('destroying the decoded stream leaves the request alive, paused and without its listeners', async () => {
  for (const encoding of ['gzip', 'deflate', 'br']) {
    const request = new PassThrough();
    const before = request.listenerCount('close') + request.listenerCount('error');
    const stream = decodeContent(request, encoding);
    request.write(zlib.gzipSync(text).subarray(0, 4));
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    assert.equal(request.destroyed, false);
    assert.equal(request.readableFlowing, false);
    assert.equal(request.listenerCount('close') + request.listenerCount('error'), before);
  }
});

test('nothing is decoded ahead of a reader that has stopped', async () => {
  const request = new PassThrough();
  const stream = decodeContent(request, 'deflate');
  request.end(zlib.deflateSync(Buffer.alloc(10_000_000)));
  stream.once('readable', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(stream.readableLength < 200_000, `${stream.readableLength} bytes`);
  stream.destroy();
});

test('what failed tells the error', () => {
  const coded = (code: string): Error => Object.assign(new Error('x'), { code });
  assert.equal(toBodyError(coded('Z_DATA_ERROR')).code, 'BAD_BODY');
  assert.equal(toBodyError(coded('ERR__ERROR_FORMAT_PADDING_2')).code, 'BAD_BODY');
  assert.equal(toBodyError(coded('ECONNRESET')).code, 'BODY_TRUNCATED');
  assert.equal(toBodyError(undefined).code, 'BODY_TRUNCATED');
  const known = toBodyError(coded('ECONNRESET'));
  assert.equal(toBodyError(known), known);
});
