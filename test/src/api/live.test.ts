import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import {
  HttpError,
  Response,
  SSEResponse,
  type SSEResponseOptions,
  type Server,
  Websocket,
  type WebsocketOptions,
  libraryLimits,
} from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { RawClient, ask, get, requestText } from '../../support/raw-client.js';
import { eventually } from '../../support/test-server.js';

const isClosedError = (error: unknown): boolean => error instanceof HttpError && error.code === 'CONNECTION_CLOSED';

describe('an event stream', () => {
  const streams: SSEResponse[] = [];
  const build =
    (options?: SSEResponseOptions) =>
    (server: Server): void => {
      streams.length = 0;
      server.route('/events', 'GET', (request) => {
        const stream = new SSEResponse(request, options);
        streams.push(stream);
        return stream;
      });
    };

  it('opens with its headers and stays open for events in the words of the API', async () => {
    await withServer({}, build({ headers: { 'X-Own': '1' }, cookies: { a: '1' } }), async ({ port }) => {
      const client = await RawClient.open(port);
      const head = await client.send(get('/events')).until((text) => text.includes(':\n\n'));
      assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
      for (const line of [
        'Content-Type: text/event-stream',
        'Cache-Control: no-cache',
        'X-Own: 1',
        'Set-Cookie: a=1; Path=/',
      ])
        assert.ok(head.toLowerCase().includes(line.toLowerCase()), line);
      const [stream] = streams;
      assert.ok(stream);
      stream.sendEvent('two\nlines', { event: 'e', id: 0, retry: 0, customFields: { extra: 'x' } });
      stream.sendEvent({ json: true });
      stream.sendEvent('');
      const text = await client.until((received) => received.includes('data: \n\n'));
      assert.ok(text.includes('data: two\ndata: lines\nevent: e\nid: 0\nretry: 0\nextra: x\n\n'));
      assert.ok(text.includes('data: {"json":true}\n\n'));
      client.destroy();
    });
  });

  it('is closed with a whole event, once, and takes nothing more', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await RawClient.open(port);
      await client.send(get('/events')).until((text) => text.includes(':\n\n'));
      const [stream] = streams;
      assert.ok(stream);
      let ends = 0;
      stream.onClose(() => (ends += 1));
      stream.close();
      stream.close();
      await client.until((received) => received.includes('event: close\ndata:\n\n'));
      assert.deepEqual([stream.closed, ends], [true, 1]);
      assert.throws(() => stream.sendEvent('late'), isClosedError);
      stream.onClose(() => (ends += 1));
      assert.equal(ends, 2);
      client.destroy();
    });
  });

  it('notices that its client has left, and others stay', async () => {
    await withServer({}, build(), async ({ port }) => {
      const clients = [await RawClient.open(port), await RawClient.open(port)];
      for (const client of clients) await client.send(get('/events')).until((text) => text.includes(':\n\n'));
      const [first, second] = streams;
      assert.ok(first && second);
      clients[0]?.destroy();
      await eventually('the end', () => first.closed);
      assert.equal(second.closed, false);
      assert.equal(second.sendEvent('still there'), true);
      await clients[1]?.until((received) => received.includes('data: still there'));
      clients[1]?.destroy();
    });
  });

  it('refuses an event that would break the format', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await RawClient.open(port);
      await client.send(get('/events')).until((text) => text.includes(':\n\n'));
      assert.throws(() => streams[0]?.sendEvent('x', { event: 'a\nb' }), { code: 'INVALID_PAYLOAD' });
      client.destroy();
    });
  });

  it('ends when the server stops', async () => {
    await withServer({}, build(), async ({ server, port }) => {
      const client = await RawClient.open(port);
      await client.send(get('/events')).until((text) => text.includes(':\n\n'));
      await server.stop();
      assert.match(await client.closed(), /event: close\ndata:\n\n/);
      assert.equal(streams[0]?.closed, true);
    });
  });
});

describe('a WebSocket', () => {
  const sockets: Websocket[] = [];
  const build =
    (options?: WebsocketOptions) =>
    (server: Server): void => {
      sockets.length = 0;
      server.route('/ws', 'GET', (request) => {
        const socket = new Websocket(request, options);
        sockets.push(socket);
        return socket;
      });
      server.route('/page', 'GET', (request) => new Response(request, 'page'));
    };
  const connect = async (port: number, path = '/ws', protocols: string[] = []): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
    await new Promise((done, fail) => client.once('open', done).once('error', fail));
    return client;
  };

  it('receives text and binary messages in order, waits for them, and sends both', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      const received: [string, boolean][] = [];
      client.on('message', (data: Buffer, isBinary) => received.push([data.toString(), isBinary]));
      const [socket] = sockets;
      assert.ok(socket);
      const first = socket.receive();
      client.send('text');
      client.send(Buffer.from('binary'));
      client.send('');
      assert.equal(await first, 'text');
      assert.deepEqual(await socket.receive(), Buffer.from('binary'));
      assert.equal(await socket.receive(), '');
      socket.sendMessage('a');
      socket.sendMessage(Buffer.from('b'));
      socket.sendMessage('c', { opcode: Websocket.BINARY });
      socket.sendMessage(Buffer.from('d'), { opcode: Websocket.TEXT });
      await eventually('four messages', () => received.length === 4);
      assert.deepEqual(received, [
        ['a', false],
        ['b', true],
        ['c', true],
        ['d', false],
      ]);
      assert.throws(() => socket.sendMessage('x', { opcode: Websocket.CONT }), { code: 'INVALID_PAYLOAD' });
      client.terminate();
    });
  });

  it('answers pings, sends them, and tells nobody of pongs', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      const seen: string[] = [];
      client.on('pong', (data) => seen.push(`pong ${data.toString()}`));
      client.on('ping', (data) => seen.push(`ping ${data.toString()}`));
      client.ping('mine');
      sockets[0]?.sendMessage('yours', { opcode: Websocket.PING });
      await eventually('both', () => seen.length === 2);
      assert.deepEqual(seen.sort(), ['ping yours', 'pong mine']);
      client.send('after');
      assert.equal(await sockets[0]?.receive(), 'after');
      client.terminate();
    });
  });

  it('is iterated over until its client closes, and then says with which code', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      const [socket] = sockets;
      assert.ok(socket);
      client.send('one');
      client.send('two');
      client.close(3001, 'done');
      const messages: unknown[] = [];
      for await (const message of socket) messages.push(message);
      assert.deepEqual(messages, ['one', 'two']);
      assert.deepEqual([socket.closed, socket.end], [true, { code: 3001, reason: 'done' }]);
      await assert.rejects(socket.receive(), isClosedError);
      assert.equal(await socket.receive({ failSilently: true }), undefined);
      assert.throws(() => socket.sendMessage('x'), {
        message: 'Websocket connection is closed, cannot send messages',
      });
      assert.equal(socket.sendMessage('x', { failSilently: true }), false);
    });
  });

  it('is closed by the server with code and reason, once', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      const closed = new Promise<[number, string]>((done) =>
        client.once('close', (code, reason) => done([code, reason.toString()])),
      );
      const [socket] = sockets;
      assert.ok(socket);
      const waiting = socket.receive();
      assert.throws(() => socket.close(1005), { code: 'INVALID_PAYLOAD' });
      socket.close(4000, 'enough');
      socket.close();
      assert.deepEqual(await closed, [4000, 'enough']);
      assert.equal(await waiting, undefined);
      const other = await connect(port);
      sockets[1]?.close();
      assert.equal(await new Promise((done) => other.once('close', done)), 1000);
    });
  });

  it('notices that its client vanished', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      client.terminate();
      await eventually('the end', () => sockets[0]?.end?.code === 1006);
    });
  });

  it('has headers, cookies, the defaults of the server and a subprotocol on its 101', async () => {
    const options = { headers: { 'X-Own': '1' }, cookies: { a: '1' }, subprotocols: ['b'] };
    await withServer({ headers: { 'X-Default': 'yes' } }, build(options), async ({ port }) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}/ws`, ['a', 'b']);
      const headers = await new Promise<Record<string, unknown>>((done) =>
        client.once('upgrade', (response) => done(response.headers)),
      );
      assert.deepEqual(
        [headers['x-own'], headers['set-cookie'], headers['x-default'], headers['content-type']],
        ['1', ['a=1; Path=/'], 'yes', undefined],
      );
      await eventually('open', () => client.readyState === WebSocket.OPEN);
      assert.deepEqual([client.protocol, sockets[0]?.protocol], ['b', 'b']);
      client.terminate();
    });
  });

  it('refuses what is no handshake with an answer', async () => {
    await withServer({}, build(), async ({ port }) => {
      const plain = await ask(port, get('/ws'));
      assert.deepEqual([plain.status, plain.get('upgrade')], [426, 'websocket']);
      const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
      const old = await ask(
        port,
        get('/ws', ...upgrade, 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='),
      );
      assert.equal(old.status, 426);
      assert.equal((await ask(port, get('/ws', ...upgrade, 'Sec-WebSocket-Version: 13'))).status, 400);
      const foreign = await ask(
        port,
        get(
          '/ws',
          ...upgrade,
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          'Origin: http://evil.example',
        ),
      );
      assert.equal(foreign.status, 403);
      assert.equal((await ask(port, requestText('POST', '/ws'))).status, 405);
      const page = await ask(
        port,
        get('/page', ...upgrade, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='),
      );
      assert.deepEqual([page.status, page.text], [200, 'page']);
    });
  });

  it('proves the handshake with the key of RFC 6455', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await RawClient.open(port);
      const lines = ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket', 'Sec-WebSocket-Version: 13'];
      client.send(get('/ws', ...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='));
      const response = await client.response();
      assert.deepEqual([response.status, response.get('sec-websocket-accept')], [101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=']);
      client.destroy();
    });
  });

  it('keeps the limits of the library where they are asked for', async () => {
    await withServer({}, build(libraryLimits), async ({ port }) => {
      const client = await connect(port);
      client.send('x'.repeat(4096));
      assert.equal((await sockets[0]?.receive())?.length, 4096);
      const closed = new Promise<number>((done) => client.once('close', done));
      client.send('x'.repeat(4097));
      assert.equal(await closed, Websocket.MESSAGE_TOO_BIG);
    });
  });

  it('stops to read from a client whose messages nobody receives', async () => {
    await withServer({}, build(), async ({ port }) => {
      const client = await connect(port);
      const [socket] = sockets;
      assert.ok(socket);
      for (let index = 0; index < 2000; index += 1) client.send(String(index));
      for (let index = 0; index < 2000; index += 1) assert.equal(await socket.receive(), String(index));
      client.terminate();
    });
  });

  it('has the constants of the API', () => {
    const { CONT, TEXT, BINARY, CLOSE, PING, PONG, PROTOCOL_ERROR, POLICY_VIOLATION, MESSAGE_TOO_BIG } = Websocket;
    assert.deepEqual([CONT, TEXT, BINARY, CLOSE, PING, PONG], [0, 1, 2, 8, 9, 10]);
    assert.deepEqual([PROTOCOL_ERROR, POLICY_VIOLATION, MESSAGE_TOO_BIG], [1002, 1008, 1009]);
  });
});
