/**
 * Two ways to say where a body ends, in every pairing: the server may refuse, or take the one the standard names, but a
 * request hidden in the body of another never reaches a flow, and no answer goes to the wrong one.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RawClient, get } from '../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../support/test-server.js';

const hidden = 'GET /hidden HTTP/1.1\r\nHost: test\r\nX: ';

let server: TestServer;
let seen: string[] = [];

before(async () => {
  server = await startServer(({ request, response }) => {
    seen.push(request.url ?? '');
    response.send(`answer to ${request.url ?? ''}`);
  });
});
after(() => server.stop());

/** Header lines that speak of a length; %n stands for the length of the body. */
const lengths = [
  'Content-Length: %n',
  'Content-Length: 0',
  'Content-Length: 4',
  'Content-Length: +%n',
  'Content-Length: %n, %n',
  'Content-Length: 0x10',
  'Content-Length : %n',
  ' Content-Length: %n',
  'Content-Length:\r\n %n',
  'Content-Length: %n\r\nContent-Length: 0',
  'Content-Length: 0\r\nContent-Length: %n',
  'content-length:%n',
  'Content-Length: %n\x0b',
  'Content\x00-Length: %n',
  'X: y\rContent-Length: %n',
  'X: y\nContent-Length: %n',
];

/** Header lines that speak of chunks. */
const codings = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding : chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: chunked\x00',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: , chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding\x00: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: Transfer-Encoding: chunked',
];

/** Bodies that end at one place by chunks and at another by their length. */
const bodies = [
  `0\r\n\r\n${hidden}`,
  `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  `1\r\nZ\r\nQ\r\n\r\n${hidden}`,
  `0\r\nX: y\r\n\r\n${hidden}`,
];

/** Sends all as one connection of a proxy that believes the last length: then another client's request follows. */
async function relay(bytes: string, what: string): Promise<void> {
  seen = [];
  const client = await RawClient.open(server.port);
  client.send(bytes + get('/victim', 'Connection: close'));
  await Promise.race([client.closed(), sleep(300)]);
  client.destroy();
  const answers = client.received.match(/HTTP\/1\.1 [2-5]\d\d/g)?.length ?? 0;
  assert.ok(answers <= 2, `${answers} answers to two requests: ${what}`);
  assert.ok(!seen.includes('/hidden'), `the hidden request was served: ${what}`);
  // Whatever was taken as served was asked for as such.
  for (const url of seen) assert.ok(url === '/attack' || url === '/victim', url);
  if (seen.includes('/victim')) assert.match(client.received, /answer to \/victim$/);
}

describe('T02 a length and a coding together', () => {
  for (const coding of codings)
    it(`${JSON.stringify(coding)} with each length, before and behind it`, async () => {
      for (const length of lengths)
        for (const body of bodies)
          for (const lines of [`${length}\r\n${coding}`, `${coding}\r\n${length}`]) {
            const head = `POST /attack HTTP/1.1\r\nHost: test\r\n${lines.replaceAll('%n', String(body.length))}\r\n\r\n`;
            // A body shorter than announced takes what follows as its own: that is no smuggling, it is waiting.
            if (isHonest(lines, body)) continue;
            await relay(head + body, JSON.stringify(lines));
          }
    });

  it('nothing is left of it', async () => {
    await eventually('the end of all', () => server.server.counts.requests === 0);
  });
});

/** True for headers by which the standard itself ends the body before the hidden request: it is then a request. */
function isHonest(lines: string, body: string): boolean {
  const isChunked = /^transfer-encoding:[ \t]*chunked[ \t]*$/im.test(lines.replace(/\r/g, ''));
  const lengthLines = lines.match(/^content-length:[ \t]*\d+[ \t]*$/gim) ?? [];
  if (isChunked && lengthLines.length > 0) return false;
  // Only a length, and it ends before the hidden request.
  const length = Number(/\d+/.exec(lengthLines[0] ?? '')?.[0]);
  return !isChunked && lengthLines.length === 1 && length < body.length;
}

describe('T02 bodies where none is expected', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PURGE', 'TRACE'])
    it(`${method} with a body: what is in it is no request`, async () => {
      const body = `${hidden}y\r\n\r\n`;
      await relay(`${method} /attack HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n\r\n${body}`, method);
      await relay(
        `${method} /attack HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        method,
      );
    });

  it('Expect: 100-continue with a body sent all the same', async () => {
    const body = `${hidden}y\r\n\r\n`;
    await relay(
      `POST /attack HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'Expect',
    );
  });

  it('a refused body is not read as the next request', async (t) => {
    const urls: string[] = [];
    const small = await startServer(
      ({ request, response }) => {
        urls.push(request.url ?? '');
        response.send('ok');
      },
      { limits: { bodyLimit: 4 } },
    );
    t.after(() => small.stop());
    const body = `${hidden}y\r\n\r\n`;
    for (const lines of [`Content-Length: ${body.length}`, `Content-Length: ${body.length}\r\nExpect: 100-continue`]) {
      const client = await RawClient.open(small.port);
      client.send(`POST /attack HTTP/1.1\r\nHost: test\r\n${lines}\r\n\r\n${body}`);
      assert.equal((await client.response()).status, 413);
      assert.equal(await client.closed(), '');
    }
    assert.deepEqual(urls, []);
  });
});

describe('T02 an upgrade and what lies behind it', () => {
  it('bytes behind an upgrade that is refused are no request', async () => {
    await relay(
      `GET /attack HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${hidden}y\r\n\r\n`,
      'websocket',
    );
  });

  it('an upgrade to something unknown keeps its body', async () => {
    const body = `${hidden}y\r\n\r\n`;
    await relay(
      `POST /attack HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'h2c',
    );
  });
});
