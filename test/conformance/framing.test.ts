import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RawClient, ask, get, post } from '../support/raw-client.js';
import { eventually, startServer } from '../support/test-server.js';
import type { TestServer } from '../support/test-server.js';

let server: TestServer;

before(async () => {
  server = await startServer(({ request, response }) => {
    response.send({
      method: request.method,
      url: request.url,
      body: Buffer.isBuffer(request.body) ? request.body.toString() : request.body,
      host: request.headers.host,
      trailers: request.trailers,
      headers: request.headers,
    });
  });
});
after(() => server.stop());

/** The echo of one request. */
async function echo(request: string): Promise<Record<string, unknown>> {
  const { status, text } = await ask(server.port, request);
  assert.equal(status, 200, text);
  return JSON.parse(text) as Record<string, unknown>;
}

/** The body that arrives for a chunked request with this text behind its head. */
async function chunked(text: string, ...headers: string[]): Promise<unknown> {
  const head = ['POST / HTTP/1.1', 'Host: test', 'Content-Type: text/plain', 'Transfer-Encoding: chunked', ...headers];
  return (await echo(`${head.join('\r\n')}\r\n\r\n${text}`)).body;
}

describe('A request split over packets', () => {
  it('is read when every byte comes alone', async () => {
    const client = await RawClient.open(server.port);
    await client.sendApart(post('/split?a=1', 'every byte', 'Content-Type: text/plain'));
    const { status, text } = await client.response();
    client.destroy();
    assert.equal(status, 200);
    const seen = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([seen.url, seen.body], ['/split?a=1', 'every byte']);
  });

  it('is read when every byte of a chunked body comes alone', async () => {
    const client = await RawClient.open(server.port);
    await client.sendApart(
      'POST / HTTP/1.1\r\nHost: t\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n',
    );
    const { text } = await client.response();
    client.destroy();
    assert.equal((JSON.parse(text) as { body: unknown }).body, 'abcde');
  });

  for (const cut of [1, 3, 4, 14, 15, 16, 17, 18, 30])
    it(`is read when it is cut after ${cut} bytes`, async () => {
      const text = post('/cut', '{"a":[1,2]}', 'Content-Type: application/json');
      const client = await RawClient.open(server.port);
      await client.sendApart([text.slice(0, cut), text.slice(cut)], 5);
      const { text: answer } = await client.response();
      client.destroy();
      assert.deepEqual((JSON.parse(answer) as { body: unknown }).body, { a: [1, 2] });
    });
});

describe('Pipelined requests', () => {
  it('T15 are answered in order on one connection', async () => {
    const client = await RawClient.open(server.port);
    client.send(get('/1') + post('/2', 'two', 'Content-Type: text/plain') + get('/3') + get('/4'));
    const answers = await client.responses(4);
    client.destroy();
    assert.deepEqual(
      answers.map(({ text }) => (JSON.parse(text) as { url: string }).url),
      ['/1', '/2', '/3', '/4'],
    );
  });

  it('T15 are answered in order when the flow answers them in another', async (t) => {
    const pending: (() => void)[] = [];
    const slow = await startServer(({ request, response }) => {
      pending.push(() => response.send(request.url));
      if (pending.length === 3) for (const answer of pending.reverse()) answer();
    });
    t.after(() => slow.stop());
    const client = await RawClient.open(slow.port);
    client.send(get('/a') + get('/b') + get('/c'));
    const answers = await client.responses(3);
    client.destroy();
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['/a', '/b', '/c'],
    );
  });

  it('T15 stop at a request that asks to close: what follows it is not served', async () => {
    const client = await RawClient.open(server.port);
    client.send(get('/last', 'Connection: close') + get('/never'));
    assert.equal((JSON.parse((await client.response()).text) as { url: string }).url, '/last');
    assert.equal(await client.closed(), '');
  });

  it('T15 stop at a malformed one: the answers before it arrive, then a 400 and the end', async () => {
    const client = await RawClient.open(server.port);
    client.send(`${get('/good')}GET /bad HTTP/1.1\r\nHost : t\r\n\r\n${get('/never')}`);
    const [first, second] = await client.responses(2);
    assert.deepEqual([first?.status, second?.status], [200, 400]);
    assert.equal(await client.closed(), '');
  });

  it('T15 stop at a malformed one: its 400 waits for the slow answers before it', async (t) => {
    const pending: (() => void)[] = [];
    const slow = await startServer(({ request, response }) => {
      pending.push(() => response.send(request.url));
    });
    t.after(() => slow.stop());
    const client = await RawClient.open(slow.port);
    client.send(`${get('/a')}${get('/b')}GET /bad HTTP/1.1\r\nHost : t\r\n\r\n`);
    await eventually('both requests', () => pending.length === 2);
    client.send(get('/never'));
    for (const answer of pending) answer();
    const answers = await client.responses(3);
    assert.deepEqual(
      answers.map(({ status, text }) => `${status} ${text}`),
      ['200 /a', '200 /b', '400 Bad Request'],
    );
    assert.equal(await client.closed(), '');
    assert.equal(pending.length, 2);
  });

  it('T15 empty lines before a request line are skipped (RFC 9112 2.2)', async () => {
    const seen = await echo(`\r\n\r\n${get('/after-empty-lines')}`);
    assert.equal(seen.url, '/after-empty-lines');
  });
});

describe('A chunked body', () => {
  it('is joined, hexadecimal sizes in either case, leading zeros too', async () => {
    assert.equal(
      await chunked('a\r\n0123456789\r\nA\r\nabcdefghij\r\n0001\r\n!\r\n0\r\n\r\n'),
      '0123456789abcdefghij!',
    );
  });

  it('may have extensions, which mean nothing here', async () => {
    assert.equal(await chunked('1;a=b\r\nx\r\n1;c="d e"\r\ny\r\n0;last\r\n\r\n'), 'xy');
  });

  it('may be empty', async () => {
    assert.equal(await chunked('0\r\n\r\n'), '');
  });

  it('T10 trailers are never merged into the headers, forbidden ones least of all', async () => {
    const seen = await echo(
      'POST /t HTTP/1.1\r\nHost: real\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: Host\r\n\r\n' +
        '2\r\nok\r\n0\r\nHost: evil\r\nAuthorization: Basic eDp5\r\nX-Late: 1\r\n\r\n',
    );
    assert.equal(seen.body, 'ok');
    const headers = seen.headers as Record<string, string>;
    assert.equal(headers.host, 'real');
    assert.equal(headers.authorization, undefined);
    assert.equal(headers['x-late'], undefined);
  });

  for (const line of ['Content-Length: 1', 'Transfer-Encoding: gzip'])
    it(`T10 a trailer that would frame a body is refused: ${line}`, async () => {
      const client = await RawClient.open(server.port);
      client.send(`POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${line}\r\n\r\n`);
      assert.equal((await client.response()).status, 400);
      assert.equal(await client.closed(), '');
    });

  it('T10 what follows the trailers is the next request, not part of them', async () => {
    const client = await RawClient.open(server.port);
    client.send(
      `POST /one HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\n\r\n${get('/two')}`,
    );
    const answers = await client.responses(2);
    client.destroy();
    assert.deepEqual(
      answers.map(({ text }) => (JSON.parse(text) as { url: string }).url),
      ['/one', '/two'],
    );
  });

  for (const [what, text] of [
    ['a size that is no number', 'zz\r\nx\r\n0\r\n\r\n'],
    ['a negative size', '-1\r\nx\r\n0\r\n\r\n'],
    ['a size with 0x', '0x1\r\nx\r\n0\r\n\r\n'],
    ['a size beyond 64 bits', 'fffffffffffffffff\r\nx\r\n0\r\n\r\n'],
    ['an empty size', '\r\nx\r\n0\r\n\r\n'],
    ['a bare LF behind a size', '1\nx\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '1\r\nxy\r\n0\r\n\r\n'],
    ['a space before the size', ' 1\r\nx\r\n0\r\n\r\n'],
  ] as const)
    it(`T02 ${what} ends the connection, and no message carries the body`, async () => {
      const client = await RawClient.open(server.port);
      client.send(
        `POST / HTTP/1.1\r\nHost: t\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${text}${get('/smuggled')}`,
      );
      const { status } = await client.response();
      const rest = await client.closed();
      assert.equal(status, 400);
      assert.equal(rest, '');
    });

  it('T09 a flood of chunk extensions is refused with 413 and the connection closed', async () => {
    const client = await RawClient.open(server.port);
    client.send('POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.send(`1;${'x'.repeat(64 * 1024)}\r\n`);
    assert.equal((await client.response()).status, 413);
    assert.equal(await client.closed(), '');
  });
});

describe('HTTP/1.0', () => {
  it('needs no Host and is answered with a length and the end of the connection', async () => {
    const client = await RawClient.open(server.port);
    const answer = await client.send('GET /old HTTP/1.0\r\n\r\n').response();
    assert.equal(answer.status, 200);
    assert.equal(answer.get('connection'), 'close');
    assert.equal(Number(answer.get('content-length')), answer.body.length);
    assert.equal(await client.closed(), '');
  });

  it('keeps the connection when the client asks for it', async () => {
    const client = await RawClient.open(server.port);
    const text = 'GET / HTTP/1.0\r\nHost: t\r\nConnection: keep-alive\r\n\r\n';
    assert.equal((await client.send(text).response()).get('connection'), 'keep-alive');
    assert.equal((await client.send(text).response()).status, 200);
    client.destroy();
  });

  it('gets no chunked answer: the end of the connection ends the body', async (t) => {
    const streaming = await startServer(({ response }) => {
      response.write('one ');
      response.end('two');
    });
    t.after(() => streaming.stop());
    const client = await RawClient.open(streaming.port);
    const answer = await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').response();
    assert.equal(answer.chunks, undefined);
    assert.equal(answer.text, 'one two');
  });
});

describe('HEAD', () => {
  it('T07 is answered with the headers of GET and not one byte of body', async () => {
    const client = await RawClient.open(server.port);
    client.send('HEAD /h HTTP/1.1\r\nHost: t\r\n\r\n');
    const answer = await client.response({ head: true });
    assert.ok(Number(answer.get('content-length')) > 0);
    assert.equal(answer.get('content-type'), 'application/json; charset=utf-8');
    client.send(get('/next'));
    assert.equal((await client.response()).status, 200, 'the next bytes are the next answer');
    client.destroy();
  });

  it('T07 of a 404 has no body either', async (t) => {
    const empty = await startServer();
    t.after(() => empty.stop());
    const client = await RawClient.open(empty.port);
    client.send('HEAD / HTTP/1.1\r\nHost: t\r\n\r\nHEAD / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n');
    assert.equal((await client.response({ head: true })).status, 404);
    assert.equal((await client.response({ head: true })).status, 404);
    assert.equal(await client.closed(), '');
  });
});
