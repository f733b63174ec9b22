import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { HttpError } from '../../../src/errors.js';
import { SocketChannel } from '../../../src/websocket/channel.js';
import { checkHandshake, chooseSubprotocol, parseSubprotocols } from '../../../src/websocket/handshake.js';
import { echo, frame, RawClient, sampleKey, serve } from './raw-client.js';
import type { TestInfo, TestServer } from './raw-client.js';

interface Parts {
  method?: string;
  minor?: number;
  headers?: Record<string, string | undefined>;
}

function request({ method = 'GET', minor = 1, headers = {} }: Parts = {}): IncomingMessage {
  const all = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': sampleKey,
    'sec-websocket-version': '13',
    ...headers,
  };
  return { method, httpVersionMajor: 1, httpVersionMinor: minor, headers: all } as unknown as IncomingMessage;
}

function refusal(parts: Parts): HttpError {
  try {
    checkHandshake(request(parts));
  } catch (error) {
    assert.ok(error instanceof HttpError);
    return error;
  }
  throw new Error('The handshake was accepted.');
}

describe('checkHandshake', () => {
  it('accepts the handshake of the RFC, in any case and among other tokens', () => {
    checkHandshake(request());
    checkHandshake(request({ headers: { upgrade: 'WebSocket', connection: 'keep-alive, upgrade' } }));
  });

  for (const version of [undefined, '', '8', '12', '14', '13, 8', '013', 'thirteen']) {
    it(`T65 refuses version ${String(version)} with 426 and names the one spoken here`, () => {
      const error = refusal({ headers: { 'sec-websocket-version': version } });
      assert.equal(error.status, 426);
      assert.deepEqual(error.headers, { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' });
    });
  }

  it('T65 refuses a request that is no upgrade with 426', () => {
    for (const headers of [
      { upgrade: undefined },
      { upgrade: 'h2c' },
      { connection: undefined },
      { connection: 'close' },
    ]) {
      const error = refusal({ headers });
      assert.equal(error.status, 426);
      assert.equal(error.message, 'This address speaks WebSocket only.');
    }
  });

  const keys = [
    undefined,
    '',
    'short',
    `${sampleKey}=`,
    sampleKey.slice(0, -1),
    `${sampleKey}, ${sampleKey}`,
    '*'.repeat(24),
  ];
  for (const key of keys) {
    it(`T65 refuses the key ${String(key)} with 400`, () => {
      const error = refusal({ headers: { 'sec-websocket-key': key } });
      assert.deepEqual([error.status, error.message], [400, 'Sec-WebSocket-Key is missing or not valid.']);
    });
  }

  it('T65 refuses every method but GET with 405', () => {
    for (const method of ['POST', 'HEAD', 'PUT', 'OPTIONS']) {
      const error = refusal({ method });
      assert.deepEqual([error.status, error.headers], [405, { Allow: 'GET' }]);
    }
  });

  it('T65 refuses HTTP/1.0 with 400', () => {
    assert.equal(refusal({ minor: 0 }).message, 'A WebSocket needs HTTP/1.1.');
    assert.equal(refusal({ minor: 0 }).status, 400);
  });

  it('refuses a subprotocol offer that is no list of different tokens with 400', () => {
    for (const offer of ['', 'a,,b', 'a b', 'a, a', 'a;b', ',']) {
      assert.equal(
        refusal({ headers: { 'sec-websocket-protocol': offer } }).message,
        'Sec-WebSocket-Protocol is not valid.',
      );
    }
  });
});

describe('Subprotocols', () => {
  it('are read in the order of the client', () => {
    assert.deepEqual(parseSubprotocols('mqtt,  soap , wamp'), ['mqtt', 'soap', 'wamp']);
    assert.deepEqual(parseSubprotocols(undefined), []);
  });

  it('the first of ours that the client offers is chosen, else none', () => {
    assert.equal(chooseSubprotocol(['b', 'a'], ['a', 'b']), 'b');
    assert.equal(chooseSubprotocol(['x'], ['a', 'b']), undefined);
    assert.equal(chooseSubprotocol([], ['a']), undefined);
    assert.equal(chooseSubprotocol(['a'], []), undefined);
  });
});

describe('A channel that accepts upgrades', () => {
  let server: TestServer;
  const channel = new SocketChannel<TestInfo>('handshake', { subprotocols: ['chat.v2', 'chat.v1'] });
  const cookies = ['a=1; Path=/', 'b=2; HttpOnly'];

  before(async () => {
    echo(channel);
    server = await serve(channel, {
      headers: [
        ['X-Served-By', 'us'],
        ['Set-Cookie', cookies],
        ['Content-Type', 'text/plain'],
        ['Connection', 'close'],
        ['Sec-WebSocket-Protocol', 'other'],
      ],
    });
  });
  after(() => server.stop());

  it('answers 101 with the accept value of the RFC (API row WS2)', async () => {
    const client = await RawClient.open(server.port);
    assert.equal(client.status, 101);
    assert.equal(client.header('Sec-WebSocket-Accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(client.header('Upgrade'), 'websocket');
    assert.equal(client.header('Connection'), 'Upgrade');
    client.socket.destroy();
  });

  it('puts the given headers and cookies on the 101, but none that belong to the protocol', async () => {
    const client = await RawClient.open(server.port);
    assert.equal(client.header('X-Served-By'), 'us');
    const lines = client.head.split('\r\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('Set-Cookie')),
      cookies.map((one) => `Set-Cookie: ${one}`),
    );
    assert.equal(
      lines.filter((line) => /^(content-type|connection: close|sec-websocket-protocol)/i.test(line)).length,
      0,
    );
    client.socket.destroy();
  });

  it('agrees on its own first choice of subprotocol', async () => {
    const client = await RawClient.open(server.port, ['Sec-WebSocket-Protocol: chat.v1, chat.v2, other']);
    assert.equal(client.header('Sec-WebSocket-Protocol'), 'chat.v2');
    assert.equal(server.connections.at(-1)!.protocol, 'chat.v2');
    client.socket.destroy();
  });

  it('agrees on no subprotocol when the client knows none of them', async () => {
    const client = await RawClient.open(server.port, ['Sec-WebSocket-Protocol: other']);
    assert.equal(client.status, 101);
    assert.equal(client.header('Sec-WebSocket-Protocol'), undefined);
    client.socket.destroy();
  });

  it('ignores an offer of compression, even a malformed one, when compression is off', async () => {
    for (const offer of ['permessage-deflate', 'permessage-deflate; server_max_window_bits=99', ';;;']) {
      const client = await RawClient.open(server.port, [`Sec-WebSocket-Extensions: ${offer}`]);
      assert.equal(client.status, 101);
      assert.equal(client.header('Sec-WebSocket-Extensions'), undefined);
      client.socket.destroy();
    }
  });

  it('reads frames that came in one packet with the handshake', async () => {
    const client = await RawClient.open(server.port, [], Buffer.concat([frame(1, 'early'), frame(1, 'bird')]));
    assert.equal(await client.text(), 'early');
    assert.equal(await client.text(), 'bird');
    client.socket.destroy();
  });

  it('T65 answers what it refuses, and closes', async () => {
    const lines = [
      'GET / HTTP/1.1',
      'Host: x',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${sampleKey}`,
    ];
    const client = await RawClient.request(server.port, [...lines, 'Sec-WebSocket-Version: 8']);
    assert.equal(client.status, 426);
    assert.equal(client.header('Sec-WebSocket-Version'), '13');
    await client.until(() => client.ended);
  });

  it('does not touch the socket when a header of the answer is not valid', () => {
    const take = (): never => assert.fail('the socket was taken');
    for (const header of [
      ['Bad Name', 'x'],
      ['X-Bad', 'a\r\nb'],
      ['X-Bad', ['ok', 'a\nb']],
    ] as const) {
      assert.throws(
        () => channel.accept(request(), take, { protocol: 'http', host: 'x', info: { path: '/' }, headers: [header] }),
        { code: 'INVALID_HEADER' },
      );
    }
  });

  it('T61 refuses a page of a foreign origin with 403 before anything is written', async () => {
    const foreign = await RawClient.open(server.port, ['Origin: https://evil.example']);
    assert.equal(foreign.status, 403);
    assert.match(foreign.head, /ORIGIN_REFUSED/);
    const own = await RawClient.open(server.port, ['Origin: http://127.0.0.1']);
    assert.equal(own.status, 101);
    own.socket.destroy();
  });
});
