import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseErrorStatus } from '../../../src/server/parse-error.js';
import { encodeRawAnswer } from '../../../src/server/raw-answer.js';
import { RawClient, get, post } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

const statusOf = (code: string | undefined, packet?: string): number =>
  parseErrorStatus(
    Object.assign(new Error(), {
      ...(code !== undefined && { code }),
      ...(packet !== undefined && { rawPacket: Buffer.from(packet, 'latin1') }),
    }),
  );

describe('The status of a request that cannot be parsed', () => {
  it('is 400, unless something more exact is known', () => {
    for (const [code, packet, status] of [
      ['HPE_INVALID_HEADER_TOKEN', 'GET / HTTP/1.1\r\nX : y', 400],
      [undefined, undefined, 400],
      ['HPE_HEADER_OVERFLOW', undefined, 431],
      ['HPE_HEADER_OVERFLOW', `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}`, 431],
      ['HPE_HEADER_OVERFLOW', `GET /${'y'.repeat(20_000)}`, 414],
      ['HPE_CHUNK_EXTENSIONS_OVERFLOW', undefined, 413],
      ['ERR_HTTP_REQUEST_TIMEOUT', undefined, 408],
      ['HPE_INVALID_METHOD', 'FOO / HTTP/1.1\r\n', 501],
      ['HPE_INVALID_METHOD', 'M-FOO /a HTTP/1.1\r\n', 501],
      ['HPE_INVALID_METHOD', '\u0016\u0003\u0001', 400],
      ['HPE_INVALID_METHOD', `${'A'.repeat(40)} / HTTP/1.1`, 400],
      ['HPE_INVALID_METHOD', undefined, 400],
      ['HPE_INVALID_VERSION', 'GET / HTTP/3.0\r\n', 505],
      ['HPE_INVALID_VERSION', 'GET / HTTP/1.1\r\n\r\nGET / HTTP/2.1\r\n', 505],
      ['HPE_INVALID_VERSION', 'GET / HTTP/1.1\nHost: x', 400],
      ['HPE_INVALID_VERSION', 'GET / HTTP/11.1\r\n', 400],
      ['HPE_INVALID_VERSION', 'GET / HTTP/x\r\n', 400],
    ] as const)
      assert.equal(statusOf(code, packet), status, `${code ?? 'no code'} ${(packet ?? '').slice(0, 40)}`);
  });
});

describe('A raw answer', () => {
  it('closes, has its length, date and type, and the default headers it does not set itself', () => {
    const text = encodeRawAnswer({
      status: 405,
      headers: { Allow: 'GET' },
      defaults: [
        ['X-One', '1'],
        ['X-Many', ['a', 'b']],
        ['content-type', 'text/x'],
        ['ALLOW', 'all'],
      ],
      text: 'ü',
    });
    assert.match(
      text,
      /^HTTP\/1\.1 405 Method Not Allowed\r\nAllow: GET\r\nDate: [^\r]+ GMT\r\nConnection: close\r\nContent-Type: text\/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 2\r\nX-One: 1\r\nX-Many: a\r\nX-Many: b\r\n\r\nü$/,
    );
  });
});

describe('A connection that goes wrong', () => {
  it('in the body of a request that the server reads: 400 at once', async (t) => {
    const server = await startServer(({ response }) => response.send('never'));
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send('POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n');
    await eventually('the request', () => server.server.counts.requests === 1);
    client.send('zz\r\n');
    assert.equal((await client.response()).status, 400);
    assert.equal(await client.closed(), '');
    await eventually('its end', () => server.server.counts.requests === 0);
  });

  it('in a body whose answer has begun: the connection is cut, the answer is not mixed with another', async (t) => {
    const server = await startServer([
      {
        body: { mode: 'stream' },
        handle: ({ response }) => {
          response.write('begun');
        },
      },
    ]);
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send('POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n');
    await client.until((pending) => pending.includes('begun'));
    client.send('zz\r\n');
    const rest = await client.closed();
    assert.doesNotMatch(rest, /400/);
    await eventually('its end', () => server.server.counts.requests === 0);
  });

  it('many times over: it is answered once and closed, however much follows', async (t) => {
    const server = await startServer(({ response }) => response.send('never'));
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send('garbage\r\n\r\n');
    assert.equal((await client.response()).status, 400);
    for (let count = 0; count < 40; count += 1) client.send('x'.repeat(64 * 1024));
    assert.doesNotMatch(await client.closed(), /HTTP\/1\.1/);
    await eventually('the end of the connection', () => server.server.counts.connections === 0);
  });

  it('by a reset: nothing is left of it', async (t) => {
    const server = await startServer(() => undefined);
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/') + post('/', 'xx').slice(0, -1));
    await eventually('both requests', () => server.server.counts.requests === 2);
    client.socket.resetAndDestroy();
    await eventually('their end', () => server.server.counts.requests === 0 && server.server.counts.connections === 0);
  });
});
