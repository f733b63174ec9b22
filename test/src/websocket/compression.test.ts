import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { SocketChannel } from '../../../src/websocket/channel.js';
import { echo, frame, RawClient, serve } from './raw-client.js';
import type { TestInfo, TestServer } from './raw-client.js';

const servers: TestServer[] = [];

async function compressing(maxMessageSize = 1024 * 1024): Promise<{ channel: SocketChannel<TestInfo>; port: number }> {
  const channel = new SocketChannel<TestInfo>('compression', { compression: true, maxMessageSize });
  echo(channel);
  const server = await serve(channel);
  servers.push(server);
  return { channel, port: server.port };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

function deflate(text: string | Buffer): Buffer {
  return deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
}

describe('permessage-deflate (Autobahn 12 and 13)', () => {
  it('agrees on compression without context takeover on either side', async () => {
    const { port } = await compressing();
    const client = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']);
    assert.equal(
      client.header('Sec-WebSocket-Extensions'),
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    );
    client.socket.destroy();
  });

  it('keeps to the window a client asks for', async () => {
    const { port } = await compressing();
    const offer = 'permessage-deflate; server_max_window_bits=9, permessage-deflate';
    const client = await RawClient.open(port, [`Sec-WebSocket-Extensions: ${offer}`]);
    assert.match(client.header('Sec-WebSocket-Extensions')!, /server_max_window_bits=9/);
    client.send(frame(1, 'ab'.repeat(2000)));
    const echoed = await client.next();
    assert.deepEqual([echoed.rsv, echoed.payload.length < 200], [4, true]);
    client.socket.destroy();
  });

  it('declines an offer that it cannot meet, and a malformed one, instead of refusing the client', async () => {
    const { port } = await compressing();
    for (const offer of [
      'permessage-deflate; server_max_window_bits=99',
      'permessage-deflate; unknown',
      'x-other',
      ';;;',
    ]) {
      const client = await RawClient.open(port, [`Sec-WebSocket-Extensions: ${offer}`]);
      assert.deepEqual([client.status, client.header('Sec-WebSocket-Extensions')], [101, undefined], offer);
      client.send(frame(1, 'x'.repeat(5000)));
      assert.equal((await client.text()).length, 5000);
      client.socket.destroy();
    }
  });

  it('echoes messages of all sizes to the ws client', async () => {
    const { port } = await compressing();
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, 'open');
    for (const size of [0, 1, 1000, 1024, 4096, 65536, 131072, 400_000]) {
      for (const message of ['a'.repeat(size), Buffer.alloc(size, 'ab')]) {
        client.send(message);
        const [echoed, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
        assert.equal(isBinary, typeof message !== 'string');
        assert.ok(Buffer.from(message as string).equals(echoed), `${size} bytes came back as sent`);
      }
    }
    client.terminate();
  });

  it('compresses one broadcast for clients with and without compression alike', async () => {
    const { channel, port } = await compressing();
    const plain = await RawClient.open(port);
    const packed = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
    await plain.until(() => channel.count === 2);
    assert.equal(channel.send('telemetry '.repeat(300)).sent, 2);
    assert.deepEqual([(await plain.next()).rsv, (await packed.next()).rsv], [0, 4]);
    plain.socket.destroy();
    packed.socket.destroy();
  });

  it('reads compressed messages in fragments, with a ping in between', async () => {
    const { port } = await compressing();
    const client = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
    const data = deflate('fragmented and compressed');
    client.send(frame(1, data.subarray(0, 5), { fin: false, rsv: 4 }), frame(9, 'p'), frame(0, data.subarray(5)));
    const answers = [await client.text(), await client.text()];
    assert.deepEqual(answers.sort(), ['fragmented and compressed', 'p']);
    client.socket.destroy();
  });

  it('T66 closes with 1002 for a compressed continuation or control frame', async () => {
    const { port } = await compressing();
    const wrong = [
      [frame(1, 'x', { fin: false }), frame(0, 'y', { rsv: 4 })],
      [frame(9, 'x', { rsv: 4 })],
      [frame(1, 'x', { rsv: 6 })],
    ];
    for (const bytes of wrong) {
      const client = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
      client.send(...bytes);
      assert.equal((await client.closed()).code, 1002);
    }
  });

  it('T66 closes with 1007 for data that does not inflate, or inflates to invalid UTF-8', async () => {
    const { port } = await compressing();
    for (const data of [Buffer.from([0xff, 0xff, 0xff, 0xff]), deflate(Buffer.from([0xc0, 0xaf]))]) {
      const client = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
      client.send(frame(1, data, { rsv: 4 }));
      assert.equal((await client.closed()).code, 1007);
    }
  });

  it('T69 a bomb ends in 1009 at maxMessageSize, however small it was', async () => {
    const { port } = await compressing(64 * 1024);
    const client = await RawClient.open(port, ['Sec-WebSocket-Extensions: permessage-deflate']);
    const bomb = deflate(Buffer.alloc(50 * 1024 * 1024));
    assert.ok(bomb.length < 64 * 1024);
    const rss = process.memoryUsage().rss;
    client.send(frame(2, bomb, { rsv: 4 }));
    assert.equal((await client.closed()).code, 1009);
    assert.ok(process.memoryUsage().rss - rss < 20 * 1024 * 1024);
  });
});
