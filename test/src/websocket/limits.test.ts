import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketChannel } from '../../../src/websocket/channel.js';
import type { SocketChannelOptions } from '../../../src/websocket/channel-options.js';
import { frame, RawClient, serve } from './raw-client.js';
import type { TestInfo, TestServer } from './raw-client.js';

const servers: TestServer[] = [];

interface Setup {
  channel: SocketChannel<TestInfo>;
  port: number;
  told: string[];
}

/** A channel that echoes, and a record of what else its listener was told. */
async function setup(options: SocketChannelOptions): Promise<Setup> {
  const channel = new SocketChannel<TestInfo>('limits', { closeTimeout: 300, ...options });
  const told: string[] = [];
  channel.listen({
    onMessage: ({ data, client }) => {
      channel.send(data, { client });
    },
    onError: ({ code, reason }) => told.push(`error ${String(code)} ${reason}`),
    onDisconnect: ({ code, reason }) => told.push(`disconnect ${code} ${reason}`),
  });
  const server = await serve(channel);
  servers.push(server);
  return { channel, port: server.port, told };
}

async function told(messages: string[], count: number): Promise<string[]> {
  for (let turn = 0; turn < 200 && messages.length < count; turn++) await sleep(10);
  return messages;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('Size of messages', () => {
  it('T67 takes a message of exactly maxMessageSize and closes with 1009 for one byte more', async () => {
    const { port, told: messages } = await setup({ maxMessageSize: 4096 });
    const client = await RawClient.open(port);
    client.send(frame(2, Buffer.alloc(4096)));
    assert.equal((await client.next()).payload.length, 4096);
    client.send(frame(2, Buffer.alloc(4097)));
    assert.equal((await client.closed()).code, 1009);
    assert.deepEqual(await told(messages, 2), [
      'error 1009 Max payload size exceeded',
      'disconnect 1009 Max payload size exceeded',
    ]);
  });

  it('T67 counts all fragments together', async () => {
    const { port } = await setup({ maxMessageSize: 4096 });
    const client = await RawClient.open(port);
    client.send(frame(2, Buffer.alloc(4000), { fin: false }), frame(0, Buffer.alloc(97)));
    assert.equal((await client.closed()).code, 1009);
  });

  it('T67 refuses by the announced length: nothing of a message that is too large is kept', async () => {
    const { port } = await setup({});
    const client = await RawClient.open(port);
    // 2^53 + 1 bytes announced, hardly any sent
    client.send(Uint8Array.of(0x82, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4));
    assert.equal((await client.closed()).code, 1009);
    const other = await RawClient.open(port);
    other.send(Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4));
    assert.equal((await other.closed()).code, 1009);
  });

  it('echoes a message that is larger than the backlog to a client that has nothing else to read', async () => {
    const { port } = await setup({ maxMessageSize: 16 * 1024 * 1024, backlog: 1024 * 1024 });
    const client = await RawClient.open(port);
    client.send(frame(2, Buffer.alloc(6 * 1024 * 1024, 7)));
    assert.equal((await client.next()).payload.length, 6 * 1024 * 1024);
    client.socket.destroy();
  });
});

describe('Number of fragments', () => {
  it('takes a message of 4 MiB in 65,537 fragments, the last one empty, as Autobahn 9.3.1 sends it', async () => {
    const { port } = await setup({ maxMessageSize: 16 * 1024 * 1024 });
    const client = await RawClient.open(port);
    const middle = frame(0, Buffer.alloc(64, 'x'), { fin: false });
    client.send(frame(1, Buffer.alloc(64, 'x'), { fin: false }));
    client.send(...Array.from({ length: 65535 }, () => middle));
    client.send(frame(0, ''));
    assert.equal((await client.next()).payload.length, 4 * 1024 * 1024);
    client.socket.destroy();
  });

  it('T68 closes with 1008 when fragments of one byte go on and on, and has kept little by then', async () => {
    const { port, told: messages } = await setup({});
    const client = await RawClient.open(port);
    const flood = Buffer.concat(Array.from({ length: 8192 }, () => frame(0, 'x', { fin: false })));
    client.send(frame(1, 'x', { fin: false }));
    for (let turn = 0; turn < 17 && !client.ended; turn++) client.send(flood);
    assert.equal((await client.closed()).code, 1008);
    assert.deepEqual(await told(messages, 1), ['error 1008 Too many message fragments']);
  });

  it('T68 keeps fragments merged: what they cost stays near what they hold', async () => {
    const { port, channel } = await setup({});
    const client = await RawClient.open(port);
    await client.until(() => channel.count === 1);
    client.send(frame(1, 'x', { fin: false }));
    for (let turn = 0; turn < 6; turn++) {
      client.send(...Array.from({ length: 10_000 }, () => frame(0, 'x', { fin: false })));
      await sleep(30);
    }
    // The lists that mergeReceived looks after are private to ws: this fails should they be renamed.
    const connection = channel.get(channel.clients[0]!)!;
    const pieces = fragmentsOf(connection);
    assert.equal(
      pieces.reduce((sum, piece) => sum + piece.length, 0),
      60_001,
    );
    assert.ok(pieces.length < 12_000, `${pieces.length} pieces are kept`);
    client.socket.destroy();
  });

  it('T68 counts empty fragments too', async () => {
    const { port } = await setup({ maxFragments: 100 });
    const client = await RawClient.open(port);
    client.send(frame(1, '', { fin: false }), ...Array.from({ length: 100 }, () => frame(0, '', { fin: false })));
    assert.equal((await client.closed()).code, 1008);
  });

  it('T68 takes exactly maxFragments (API row WS10)', async () => {
    const { port } = await setup({ maxFragments: 16 });
    const client = await RawClient.open(port);
    client.send(frame(1, 'x', { fin: false }), ...Array.from({ length: 14 }, () => frame(0, 'x', { fin: false })));
    client.send(frame(0, 'x'));
    assert.equal(await client.text(), 'x'.repeat(16));
    client.socket.destroy();
  });
});

describe('Floods', () => {
  it('T71 closes with 1008 for more messages in a second than messageRate, having served the ones before', async () => {
    const { port, told: messages } = await setup({ messageRate: 50 });
    const client = await RawClient.open(port);
    client.send(...Array.from({ length: 60 }, (_, index) => frame(1, String(index))));
    const { code, before, reason } = await client.closed();
    assert.deepEqual([code, reason], [1008, 'The client sends too many messages.']);
    assert.ok(before.length <= 50);
    assert.deepEqual(
      before.map((one) => one.payload.toString()),
      before.map((_, index) => String(index)),
    );
    assert.deepEqual(await told(messages, 2), [
      'error 1008 The client sends too many messages.',
      'disconnect 1008 The client sends too many messages.',
    ]);
  });

  it('T71 lets a client that keeps to messageRate send on', async () => {
    const { port } = await setup({ messageRate: 5 });
    const client = await RawClient.open(port);
    for (let second = 0; second < 2; second++) {
      client.send(...Array.from({ length: 5 }, () => frame(1, 'x')));
      for (let index = 0; index < 5; index++) assert.equal(await client.text(), 'x');
      await sleep(1020);
    }
    client.socket.destroy();
  });

  it('T71 hands on a flood in turns: the event loop runs in between, and order is kept', async () => {
    const channel = new SocketChannel<TestInfo>('turns');
    const seen: string[] = [];
    let turns = 0;
    const tick = setInterval(() => undefined, 1000);
    const count = (): void => {
      turns += 1;
      if (seen.length < 3000) setImmediate(count);
    };
    channel.listen({
      onMessage: ({ data }) => {
        if (seen.length === 0) setImmediate(count);
        seen.push(String(data));
      },
    });
    const server = await serve(channel);
    servers.push(server);
    const client = await RawClient.open(server.port);
    client.send(...Array.from({ length: 3000 }, (_, index) => frame(1, String(index))));
    await client.until(() => true);
    for (let turn = 0; turn < 100 && seen.length < 3000; turn++) await sleep(10);
    clearInterval(tick);
    assert.deepEqual(
      seen,
      Array.from({ length: 3000 }, (_, index) => String(index)),
    );
    assert.ok(turns > 20, `only ${turns} turns of the event loop`);
    client.socket.destroy();
  });

  it('T70 closes with 1008 for a flood of pings, or of pongs', async () => {
    for (const opcode of [9, 10]) {
      const { port } = await setup({});
      const client = await RawClient.open(port);
      client.send(...Array.from({ length: 150 }, () => frame(opcode, 'x')));
      const { code, reason } = await client.closed();
      assert.deepEqual([code, reason], [1008, 'The client sends too many control frames.']);
    }
  });
});

describe('Slow readers', () => {
  it('T72 a client further behind than backlog is closed with 1013 and reported; others get everything', async () => {
    const { port, channel, told: messages } = await setup({ backlog: 256 * 1024 });
    const quick = await RawClient.open(port);
    const slow = await RawClient.open(port);
    slow.socket.pause();
    await quick.until(() => channel.count === 2);
    const rss = process.memoryUsage().rss;
    let sent = 0;
    while (channel.count === 2 && sent < 2000) {
      channel.send(Buffer.alloc(64 * 1024), {});
      sent += 1;
      await sleep(1);
    }
    assert.equal(channel.count, 1);
    assert.equal(channel.stats.tooSlow, 1);
    assert.deepEqual(messages.slice(0, 1), ['error 1013 The client reads too slowly.']);
    await quick.until(() => quick.frames.length === sent);
    assert.ok(process.memoryUsage().rss - rss < 150 * 1024 * 1024);
    // It does not read the goodbye either, and is cut.
    assert.deepEqual((await told(messages, 2)).slice(1), ['disconnect 1013 The client reads too slowly.']);
    slow.socket.destroy();
    quick.socket.destroy();
  });

  it('T72 never queues more than the backlog for one client', async () => {
    const { port, channel } = await setup({ backlog: 100_000 });
    const slow = await RawClient.open(port);
    slow.socket.pause();
    await slow.until(() => channel.count === 1);
    const connection = channel.get(channel.clients[0]!)!;
    let most = 0;
    while (channel.count === 1) {
      channel.send(Buffer.alloc(10_000), {});
      if (channel.count === 1) most = Math.max(most, connection.pending);
      await sleep(0);
    }
    assert.ok(most > 0 && most <= 100_000, `${most} bytes were queued`);
    slow.socket.destroy();
  });
});

function fragmentsOf(connection: unknown): Buffer[] {
  const [ws] = heldBy(connection);
  return ws!._receiver._fragments;
}

/** The ws object behind a connection, found through the listeners of its socket. */
function heldBy(connection: unknown): { _receiver: { _fragments: Buffer[] } }[] {
  const found: { _receiver: { _fragments: Buffer[] } }[] = [];
  for (const handle of (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()) {
    for (const symbol of Object.getOwnPropertySymbols(handle)) {
      const value = (handle as Record<symbol, unknown>)[symbol] as
        { _receiver?: unknown; _isServer?: boolean } | undefined;
      if (value?._receiver !== undefined && value._isServer === true) found.push(value as never);
    }
  }
  assert.ok(connection !== undefined && found.length > 0, 'the WebSocket of the connection was found');
  return found;
}
