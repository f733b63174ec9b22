/** `Expect: 100-continue` (RFC 9110 10.1.1): the client is told to go on only when its body is wanted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Exchange } from '../../src/index.js';
import { RawClient, type RawResponse, requestText } from '../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../support/test-server.js';

let server: TestServer;
const waiting: Exchange[] = [];

before(async () => {
  server = await startServer(
    [
      { path: '/parsed', handle: ({ request, response }) => response.send(String(request.body)) },
      { path: '/raw', body: { mode: 'raw' }, handle: ({ request, response }) => response.send(request.body) },
      { path: '/small', body: { bodyLimit: 3 }, handle: ({ response }) => response.send('never') },
      { path: '/no-uploads', body: { upload: 'off' }, handle: ({ response }) => response.send('never') },
      { path: '/get', methods: ['GET'], handle: ({ response }) => response.send('never') },
      { path: '/stream', body: { mode: 'stream' }, handle: (exchange) => waiting.push(exchange) },
    ],
    { rootPath: __dirname, hosts: ['test'] },
  );
});
after(() => server.stop());

const text = 'hello';

/** Sends a head that expects, and waits for what the server says first. */
async function expecting(path: string, ...headers: string[]): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  const given = headers.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  client.send(
    requestText('POST', path, [
      'Expect: 100-continue',
      'Content-Type: text/plain',
      ...(given ? [] : [`Content-Length: ${text.length}`]),
      ...headers,
    ]),
  );
  await client.until((pending) => pending.includes('\r\n\r\n'));
  return client;
}

/** The answer of a server that wants the body: 100 first, then the final one. */
async function wanted(client: RawClient, body: string): Promise<RawResponse> {
  assert.match(client.received, /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  const answer = await client.send(body).response();
  client.destroy();
  return answer;
}

describe('T17 Expect: 100-continue', () => {
  it('is answered 100 where the body is read, then with the answer', async () => {
    for (const path of ['/parsed', '/raw']) {
      const answer = await wanted(await expecting(path), text);
      assert.deepEqual([answer.status, answer.text, answer.interim], [200, text, [100]]);
    }
  });

  it('of a chunked body, and in any case', async () => {
    const answer = await wanted(await expecting('/parsed', 'Transfer-Encoding: chunked'), '5\r\nhello\r\n0\r\n\r\n');
    assert.equal(answer.text, text);
    const client = await RawClient.open(server.port);
    client.send(
      `POST /parsed HTTP/1.1\r\nHost: test\r\nexpect: 100-Continue\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n`,
    );
    await client.until((pending) => pending.includes('\r\n\r\n'));
    assert.equal((await wanted(client, text)).text, text);
  });

  it('is no reason to wait: a client may send its body at once', async () => {
    const client = await RawClient.open(server.port);
    client.send(
      requestText('POST', '/parsed', ['Expect: 100-continue', 'Content-Type: text/plain', 'Content-Length: 5']) + text,
    );
    assert.equal((await client.response()).text, text);
    client.destroy();
  });

  for (const [what, path, headers, status] of [
    ['a path nobody claims', '/missing', [], 404],
    ['a file', '/expect.test.js', [], 404],
    ['another method', '/get', [], 405],
    ['a body that is announced too large', '/small', [], 413],
    ['an upload where none is taken', '/no-uploads', ['Content-Type: multipart/form-data; boundary=x'], 415],
    ['an unknown coding of the body', '/parsed', ['Content-Encoding: x-own'], 415],
    ['several codings of the body', '/parsed', ['Content-Encoding: gzip, br'], 415],
    ['an unknown charset', '/parsed', ['Content-Type: text/plain; charset=x-own'], 415],
    ['a host that is not served', '/parsed', ['Host: other'], 400],
  ] as const)
    it(`gets its final ${status} and no 100: ${what}`, async () => {
      const client = await RawClient.open(server.port);
      const lines = ['Expect: 100-continue', 'Content-Length: 5', ...headers];
      if (!headers.some((line) => line.startsWith('Content-Type'))) lines.push('Content-Type: text/plain');
      const answer = await client.send(requestText('POST', path, lines)).response();
      assert.deepEqual([answer.status, answer.interim, answer.get('connection')], [status, [], 'close']);
      assert.equal(await client.closed(), '');
    });

  it('with a body that is a stream: 100 at the first read, none where the flow refuses unread', async () => {
    const read = await RawClient.open(server.port);
    const head = requestText('POST', '/stream', ['Expect: 100-continue', 'Content-Length: 5']);
    read.send(head);
    await eventually('the request', () => waiting.length === 1);
    await new Promise((done) => setTimeout(done, 100));
    assert.equal(read.received, '', 'nothing before somebody reads');
    const exchange = waiting.pop();
    let body = '';
    exchange?.request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    exchange?.request.on('end', () => exchange.response.send(body));
    await read.until((pending) => pending.includes('100 Continue'));
    assert.equal((await read.send(text).response()).text, text);
    read.destroy();

    const refused = await RawClient.open(server.port);
    refused.send(head);
    await eventually('the request', () => waiting.length === 1);
    waiting.pop()?.response.status(403).send('not wanted');
    const answer = await refused.response();
    assert.deepEqual([answer.status, answer.interim], [403, []]);
    refused.destroy();
  });

  it('any other expectation is 417, and no flow sees the request', async () => {
    for (const expectation of ['200-ok', 'x=y']) {
      const client = await RawClient.open(server.port);
      client.send(
        requestText('POST', '/parsed', [`Expect: ${expectation}`, 'Content-Length: 5', 'Content-Type: text/plain']) +
          text,
      );
      const { status, interim } = await client.response();
      assert.deepEqual([status, interim], [417, []], expectation);
      client.destroy();
    }
  });

  it('means nothing in HTTP/1.0', async () => {
    const client = await RawClient.open(server.port);
    client.send(
      `POST /parsed HTTP/1.0\r\nHost: test\r\nExpect: 100-continue\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n${text}`,
    );
    const answer = await client.response();
    assert.deepEqual([answer.status, answer.text, answer.interim], [200, text, []]);
  });
});
