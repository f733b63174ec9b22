/**
 * Requests broken at random, by a seed that a failure names: whatever arrives, the server answers in HTTP or closes, no
 * flow sees what the grammar forbids, and nothing of it is kept.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { RawClient, ask, get, post } from '../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../support/test-server.js';

let server: TestServer;
const seen: { method: string; url: string; host: string | undefined }[] = [];

before(async () => {
  server = await startServer(
    ({ request, response }) => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', host: request.headers.host });
      response.send({ url: request.url, body: typeof request.body, query: request.query });
    },
    { rootPath: __dirname, compression: true },
  );
});
after(() => server.stop());

/** Sends the bytes, says that no more will come, and resolves with all that came back when the server has closed. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const client = await RawClient.open(server.port);
  client.send(bytes);
  // Node takes the end of a client for its leaving: what was asked gets a moment to be answered.
  await sleep(3);
  client.socket.end();
  await client.closed();
  const { received } = client;
  client.destroy();
  return received;
}

/** Splits what came back into answers; fails on anything that is none. */
function answersIn(received: string): number[] {
  const statuses: number[] = [];
  let rest = received;
  while (rest !== '') {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[!#$%&'*+.^_`|~\w-]+:[^\r\n]*\r\n)*\r\n/.exec(rest);
    assert.ok(head, `not an answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const status = Number(head[1]);
    statuses.push(status);
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head[0])?.[1];
    const isChunked = /\r\ntransfer-encoding: chunked\r\n/i.test(head[0]);
    rest = rest.slice(head[0].length);
    if (status === 100 || status === 204 || status === 304) continue;
    if (isChunked) {
      const end = rest.indexOf('\r\n0\r\n\r\n');
      rest = end < 0 ? '' : rest.slice(end + 7);
    } else rest = length === undefined ? '' : rest.slice(Number(length));
  }
  return statuses;
}

const template = fc.constantFrom(
  get('/path?a=1&b=%20', 'Accept: text/html', 'Cookie: a=b; c=d'),
  post('/form', 'a=1&b=2', 'Content-Type: application/x-www-form-urlencoded'),
  post('/json', '{"a":[1,2,{"b":null}]}', 'Content-Type: application/json'),
  post(
    '/multi',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    'Content-Type: multipart/form-data; boundary=x',
  ),
  'POST /chunks HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  get('/file', 'Range: bytes=0-4,6-', 'If-Range: "x"', 'If-None-Match: *', 'Accept-Encoding: gzip, br'),
  get(
    '/ws',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ),
  'OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n',
  'GET http://test/absolute HTTP/1.1\r\nHost: other\r\n\r\n',
);

const piece = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '%',
  '%2e',
  '/',
  '..',
  '\\',
  '"',
  '\x7f',
  '\xff',
  'Host: x\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  '0\r\n\r\n',
  'GET / HTTP/1.1\r\n',
  '99999999999999999999',
  '-1',
  '{',
  '}',
  '[',
  '='.repeat(50),
  'A'.repeat(200),
);

/** One change of a text: a piece put in, a part cut out, doubled, or a byte turned into another. */
const mutation = fc.record({
  at: fc.noBias(fc.integer({ min: 0, max: 10_000 })),
  kind: fc.constantFrom('insert', 'cut', 'double', 'byte'),
  piece,
  size: fc.integer({ min: 1, max: 12 }),
  byte: fc.integer({ min: 0, max: 255 }),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(text: string, changes: readonly Mutation[]): string {
  let out = text;
  for (const { at, kind, piece: inserted, size, byte } of changes) {
    const index = Math.floor((at / 10_001) * out.length);
    const [before, part, behind] = [out.slice(0, index), out.slice(index, index + size), out.slice(index + size)];
    if (kind === 'insert') out = before + inserted + part + behind;
    else if (kind === 'cut') out = before + behind;
    else if (kind === 'double') out = before + part + part + behind;
    else out = before + String.fromCharCode(byte) + part.slice(1) + behind;
  }
  return out;
}

describe('Broken requests', () => {
  const numRuns = 1000;

  it(`T03 ${numRuns} of them: every one is answered in HTTP or closed, none with a 500`, async () => {
    await fc.assert(
      fc.asyncProperty(template, fc.array(mutation, { minLength: 1, maxLength: 4 }), async (text, changes) => {
        const statuses = answersIn(await exchange(mutate(text, changes)));
        assert.ok(!statuses.includes(500), `500 among ${statuses.join()}`);
      }),
      { numRuns },
    );
    assert.deepEqual(server.log, [], 'nothing to log');
  });

  it('no flow has seen what the grammar forbids', () => {
    assert.ok(seen.length > 50, `only ${seen.length} were harmless`);
    for (const { method, url, host } of seen) {
      assert.match(method, /^[A-Z-]+$/);
      assert.match(url, /^(?:\/[\u0021\u0022\u0024-\u007e]*|\*)$/);
      assert.ok(host === undefined || /^[\w.~!$&'()*+;=%:[\]-]+$/.test(host), host);
    }
  });

  it('two at once on one connection: the answers stay answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        template,
        template,
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        async (first, second, changes) => {
          answersIn(await exchange(first + mutate(second, changes)));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('bytes of nothing: refused or closed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        for (const status of answersIn(await exchange(Buffer.from(bytes)))) assert.ok(status >= 400, String(status));
      }),
      { numRuns: 400 },
    );
  });

  it('header values of any kind reach no flow broken', async () => {
    const value = fc.string({
      unit: fc.constantFrom('a', '"', '=', ';', ',', ' ', '\t', '\\', '%', '\xe9', 'W/', '*', '-', '0'),
      maxLength: 30,
    });
    const names = [
      'Cookie',
      'Accept',
      'Accept-Encoding',
      'Range',
      'If-Range',
      'If-Match',
      'If-None-Match',
      'If-Modified-Since',
      'Content-Type',
      'Forwarded',
      'Origin',
      'Expect',
      'Upgrade',
      'Connection',
      'Authorization',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), value, async (name, text) => {
        for (const status of answersIn(await exchange(get('/h', `${name}: ${text}`, 'Connection: close'))))
          assert.ok(status < 500, `${status} for ${name}: ${text}`);
      }),
      { numRuns: 600 },
    );
  });

  it('afterwards the server serves as before, and nothing is kept', async () => {
    await eventually(
      'the end of all',
      () => server.server.counts.requests === 0 && server.server.counts.connections === 0,
    );
    assert.equal((await ask(server.port, get('/fine'))).status, 200);
  });
});
