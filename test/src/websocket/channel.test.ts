import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SocketChannel } from '../../../src/websocket/channel.js';
import type { SocketChannelListener, SocketChannelOptions } from '../../../src/websocket/channel-options.js';
import { closing, frame, RawClient, serve } from './raw-client.js';
import type { TestInfo, TestServer } from './raw-client.js';

const servers: TestServer[] = [];

/** A listener that writes down what it is told, one line an event; clients are named by their order. */
function recorder(): { lines: string[]; listener: SocketChannelListener<TestInfo> } {
  const lines: string[] = [];
  const names = new Map<string, string>();
  const name = (id: string): string => {
    if (!names.has(id)) names.set(id, String.fromCharCode(97 + names.size));
    return names.get(id)!;
  };
  return {
    lines,
    listener: {
      onConnect: ({ client, count }) => lines.push(`connect ${name(client)} ${count}`),
      onMessage: ({ client, data }) =>
        lines.push(
          `message ${name(client)} ${Buffer.isBuffer(data) ? `<${data.toString('hex')}>` : JSON.stringify(data)}`,
        ),
      onError: ({ client, code, reason, error }) =>
        lines.push(`error ${name(client)} ${String(code)} ${error.code} ${reason}`),
      onDisconnect: ({ client, count, code, reason }) =>
        lines.push(`disconnect ${name(client)} ${count} ${code} ${reason}`.trimEnd()),
    },
  };
}

interface Setup {
  channel: SocketChannel<TestInfo>;
  port: number;
  lines: string[];
  readonly open: () => Promise<RawClient>;
  readonly until: (count: number) => Promise<string[]>;
}

async function setup(options: SocketChannelOptions = {}): Promise<Setup> {
  const channel = new SocketChannel<TestInfo>('room', { closeTimeout: 300, ...options });
  const { lines, listener } = recorder();
  channel.listen(listener);
  const server = await serve(channel);
  servers.push(server);
  return {
    channel,
    port: server.port,
    lines,
    open: async () => {
      const before = server.connections.length;
      const client = await RawClient.open(server.port);
      await client.until(() => server.connections.length > before || client.status !== 101);
      return client;
    },
    until: async (count) => {
      for (let turn = 0; turn < 300 && lines.length < count; turn++) await sleep(10);
      return lines;
    },
  };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('What a listener is told', () => {
  it('in order: connect, the messages, disconnect with the code and reason of the client', async () => {
    const { open, until } = await setup();
    const client = await open();
    client.send(frame(1, 'hello'), frame(1, ''), frame(2, Uint8Array.of(1, 2)), frame(8, closing(4000, 'bye')));
    assert.deepEqual(await until(5), [
      'connect a 1',
      'message a "hello"',
      'message a ""',
      'message a <0102>',
      'disconnect a 0 4000 bye',
    ]);
  });

  it('every event names client and channel and carries the info of the upgrade', async () => {
    const { channel, port } = await setup();
    const events: object[] = [];
    const push = (event: object): unknown => events.push(event);
    channel.listen({ onConnect: push, onMessage: push, onDisconnect: push });
    const client = await RawClient.open(port);
    client.send(frame(1, 'x'), frame(8));
    await client.closed();
    for (let turn = 0; turn < 100 && events.length < 3; turn++) await sleep(10);
    const about = { client: (events[0] as { client: string }).client, channel: 'room', info: { path: '/chat' } };
    assert.match(about.client, /^[\da-f]{16}$/);
    assert.deepEqual(events, [
      { event: 'connect', ...about, count: 1 },
      { event: 'message', ...about, data: 'x', isBinary: false },
      { event: 'disconnect', ...about, count: 0, code: 1005, reason: '' },
    ]);
  });

  it('a client that just goes away has left with 1006', async () => {
    const { open, until } = await setup();
    (await open()).socket.destroy();
    assert.deepEqual(await until(2), ['connect a 1', 'disconnect a 0 1006']);
  });

  it('a client that resets its connection has left with 1006', async () => {
    const { open, until } = await setup();
    (await open()).socket.resetAndDestroy();
    assert.deepEqual(await until(2), ['connect a 1', 'disconnect a 0 1006']);
  });

  it('a broken rule is an error with the code of the closing, then a disconnect with the same', async () => {
    const { open, until } = await setup();
    (await open()).send(frame(3, 'x'));
    const what = 'Invalid WebSocket frame: invalid opcode 3';
    assert.deepEqual(await until(3), [
      'connect a 1',
      `error a 1002 INVALID_MESSAGE ${what}`,
      `disconnect a 0 1002 ${what}`,
    ]);
  });

  it('invalid JSON is an error without code: the connection stays', async () => {
    const { open, until } = await setup({ format: 'json' });
    const client = await open();
    client.send(frame(1, '{'), frame(1, 'null'), frame(1, '[1]'), frame(1, '0'));
    assert.deepEqual(await until(5), [
      'connect a 1',
      'error a undefined INVALID_MESSAGE A message of the client is not valid JSON.',
      'message a null',
      'message a [1]',
      'message a 0',
    ]);
    client.socket.destroy();
  });

  it('the parser for JSON can be replaced by a stricter one', async () => {
    const parseJson = (text: string): unknown => {
      if (text.includes('__proto__')) throw new Error('forbidden');
      return JSON.parse(text);
    };
    const { open, until } = await setup({ format: 'json', parseJson });
    (await open()).send(frame(1, '{"__proto__":1}'), frame(1, '{}'));
    assert.deepEqual((await until(3)).slice(1), [
      'error a undefined INVALID_MESSAGE A message of the client is not valid JSON.',
      'message a {}',
    ]);
  });
});

describe('Sending', () => {
  it('reaches one client, several, or everyone, by "*" or without a target', async () => {
    const { channel, open } = await setup();
    const [a, b, c] = [await open(), await open(), await open()];
    const ids = channel.clients;
    assert.deepEqual(channel.send('one', { client: ids[0] }), { sent: 1, unknown: [] });
    assert.deepEqual(channel.send('two', { client: [ids[0]!, ids[1]!, ids[1]!] }), { sent: 2, unknown: [] });
    assert.deepEqual(channel.send('all', { client: '*' }), { sent: 3, unknown: [] });
    assert.deepEqual(channel.send('end'), { sent: 3, unknown: [] });
    const got = async (client: RawClient): Promise<string[]> => {
      await client.until(() => client.frames.at(-1)?.payload.toString() === 'end');
      return client.frames.map((one) => one.payload.toString());
    };
    assert.deepEqual(
      [await got(a), await got(b), await got(c)],
      [
        ['one', 'two', 'all', 'end'],
        ['two', 'all', 'end'],
        ['all', 'end'],
      ],
    );
    assert.equal(channel.stats.sent, 9);
  });

  it('reaches everyone but the excepted ones, whatever else the target says', async () => {
    const { channel, open } = await setup();
    const [a, b] = [await open(), await open()];
    const ids = channel.clients;
    assert.deepEqual(channel.send('not a', { except: ids[0], client: ids[0] }), { sent: 1, unknown: [] });
    assert.deepEqual(channel.send('nobody', { except: ids }), { sent: 0, unknown: [] });
    assert.deepEqual(channel.send('everyone', { except: ['stranger'] }), { sent: 2, unknown: [] });
    assert.deepEqual([await a.text(), await b.text(), await b.text()], ['everyone', 'not a', 'everyone']);
  });

  it('T73 names unknown clients and serves the others', async () => {
    const { channel, open } = await setup();
    const client = await open();
    const [id] = channel.clients;
    assert.deepEqual(channel.send('x', { client: ['who', id!, 'where'] }), { sent: 1, unknown: ['who', 'where'] });
    assert.deepEqual(channel.send('x', { client: 'who' }), { sent: 0, unknown: ['who'] });
    assert.equal(await client.text(), 'x');
  });

  it('T73 does not throw for clients that are gone or going', async () => {
    const { channel, open, until } = await setup();
    const [a, b] = [await open(), await open()];
    const ids = channel.clients;
    a.socket.destroy();
    await until(3);
    assert.deepEqual(channel.send('x', { client: ids[0] }), { sent: 0, unknown: [ids[0]] });
    channel.close({ client: ids[1] }, 1000);
    assert.deepEqual(channel.send('x', { client: ids[1] }), { sent: 0, unknown: [ids[1]] });
    assert.deepEqual(channel.send('x'), { sent: 0, unknown: [] });
    assert.equal((await b.next()).opcode, 8);
  });

  it('makes text of strings, binary of bytes, JSON of the rest, and nothing of undefined', async () => {
    const { channel, open } = await setup();
    const client = await open();
    for (const payload of ['', 'text', Buffer.from('b'), new Uint8Array(0), null, { a: [1] }, 0]) channel.send(payload);
    assert.deepEqual(channel.send(undefined), { sent: 0, unknown: [] });
    await client.until(() => client.frames.length === 7);
    assert.deepEqual(
      client.frames.map((one) => [one.opcode, one.payload.toString()]),
      [
        [1, ''],
        [1, 'text'],
        [2, 'b'],
        [2, ''],
        [1, 'null'],
        [1, '{"a":[1]}'],
        [1, '0'],
      ],
    );
  });

  it('sends nothing to anyone when the payload cannot be encoded', async () => {
    const { channel, open } = await setup();
    const client = await open();
    assert.throws(() => channel.send(1n), { code: 'INVALID_PAYLOAD' });
    channel.send('after');
    assert.equal(await client.text(), 'after');
  });

  it('pings, with up to 125 bytes of data', async () => {
    const { channel, open } = await setup();
    const client = await open();
    assert.deepEqual(channel.ping({}, 'are you there'), { sent: 1, unknown: [] });
    assert.deepEqual(channel.ping({ client: 'who' }), { sent: 0, unknown: ['who'] });
    const ping = await client.next();
    assert.deepEqual([ping.opcode, ping.payload.toString()], [9, 'are you there']);
    assert.throws(() => channel.ping({}, 'x'.repeat(126)), { code: 'INVALID_PAYLOAD' });
  });

  it('closes with code and reason, cut to what fits; the payload goes first', async () => {
    const { channel, open, until } = await setup();
    const client = await open();
    channel.send('last words');
    assert.deepEqual(channel.close({}, 4002, 'é'.repeat(100)), { sent: 1, unknown: [] });
    assert.equal(channel.count, 0);
    assert.equal(await client.text(), 'last words');
    const close = await client.next();
    assert.deepEqual([close.payload.readUInt16BE(0), close.payload.toString('utf8', 2)], [4002, 'é'.repeat(61)]);
    client.send(frame(8, close.payload));
    assert.deepEqual((await until(2))[1], `disconnect a 0 4002 ${'é'.repeat(61)}`);
  });

  it('refuses to close with a code that may not be sent, and closes nobody', async () => {
    const { channel, open } = await setup();
    await open();
    assert.throws(() => channel.close({}, 1006), { code: 'INVALID_PAYLOAD' });
    assert.equal(channel.count, 1);
  });
});

describe('maxClients', () => {
  it('"reject" answers one client too many with 503 and Retry-After', async () => {
    const { open, channel } = await setup({ maxClients: 2 });
    await open();
    await open();
    const third = await open();
    assert.deepEqual([third.status, third.header('Retry-After'), channel.count], [503, '5', 2]);
  });

  it('"replace" closes the oldest in favour of the new one', async () => {
    const { open, channel, until } = await setup({ maxClients: 1, onFull: 'replace' });
    const first = await open();
    const second = await open();
    assert.equal((await first.next()).payload.toString('utf8', 2), 'Replaced by a newer client.');
    first.send(frame(8, closing(1008)));
    assert.deepEqual(await until(3), ['connect a 1', 'connect b 1', 'disconnect a 1 1008 Replaced by a newer client.']);
    channel.send('hi');
    assert.equal(await second.text(), 'hi');
  });

  it('counts a client that is closing no more', async () => {
    const { open, channel } = await setup({ maxClients: 1 });
    await open();
    channel.close({});
    assert.equal((await open()).status, 101);
  });
});

describe('A channel across a change of its listener', () => {
  it('holds events back in order and hands them to the next listener; clients notice nothing', async () => {
    const { channel, open, lines } = await setup();
    const [a, b] = [await open(), await open()];
    channel.hold();
    a.send(frame(1, 'one'), frame(1, 'two'), frame(9, 'ping'));
    assert.equal(await a.text(), 'ping');
    b.send(frame(8, closing(1000)));
    await b.closed();
    await sleep(20);
    assert.equal(lines.length, 2);
    const next = recorder();
    channel.listen(next.listener);
    a.send(frame(1, 'three'));
    for (let turn = 0; turn < 100 && next.lines.length < 4; turn++) await sleep(10);
    assert.deepEqual(next.lines, ['message a "one"', 'message a "two"', 'disconnect b 1 1000', 'message a "three"']);
    assert.equal(lines.length, 2);
  });

  it('loses nothing when more comes than it holds back: it stops reading, and goes on later', async () => {
    const { channel, open } = await setup();
    const clients = [await open(), await open(), await open()];
    channel.hold();
    const total = 3000;
    for (let index = 0; index < total; index++) {
      for (const client of clients) client.send(frame(1, `${index} ${'x'.repeat(500)}`));
    }
    await sleep(200);
    const held = channel.stats.received;
    assert.ok(held >= 1000 && held < 3 * total, `${held} messages were read while holding`);
    const seen = new Map<string, number>();
    channel.listen({
      onMessage: ({ client, data }) => {
        const expected = seen.get(client) ?? 0;
        assert.equal(Number(String(data).split(' ')[0]), expected);
        seen.set(client, expected + 1);
      },
    });
    for (let turn = 0; turn < 300 && [...seen.values()].some((count) => count < total); turn++) await sleep(10);
    assert.deepEqual([...seen.values()], [total, total, total]);
  });

  it('takes new clients while it holds, and tells later', async () => {
    const { channel, open } = await setup();
    channel.hold();
    const client = await open();
    client.send(frame(1, 'hello'));
    await sleep(20);
    const next = recorder();
    channel.listen(next.listener);
    assert.deepEqual(next.lines, ['connect a 1', 'message a "hello"']);
  });

  it('a listener that detaches itself in the middle of what was held back gets no more of it', async () => {
    const { channel, open } = await setup();
    channel.hold();
    (await open()).send(frame(1, 'one'), frame(1, 'two'));
    await sleep(30);
    const first: unknown[] = [];
    channel.listen({
      onMessage: ({ data }) => {
        first.push(data);
        channel.hold();
      },
    });
    const second = recorder();
    channel.listen(second.listener);
    assert.deepEqual([first, second.lines], [['one'], ['message a "two"']]);
  });

  it('applies new settings to the clients it has', async () => {
    const { channel, open, until } = await setup();
    const client = await open();
    channel.configure({ format: 'buffer', messageRate: 2 });
    client.send(frame(1, 'a'), frame(1, 'b'), frame(1, 'c'));
    assert.deepEqual((await until(4)).slice(1), [
      'message a <61>',
      'message a <62>',
      'error a 1008 INVALID_MESSAGE The client sends too many messages.',
    ]);
  });

  it('applies limits on messages to new clients, and refuses settings that cannot work', async () => {
    const { channel, open } = await setup();
    const old = await open();
    assert.throws(() => channel.configure({ origins: ['/(/'], maxMessageSize: 1 }), { code: 'INVALID_SETTING' });
    channel.configure({ maxMessageSize: 2, closeTimeout: 300 });
    const fresh = await open();
    old.send(frame(1, 'long'));
    fresh.send(frame(1, 'long'));
    assert.equal((await fresh.closed()).code, 1009);
    assert.equal(old.frames.length, 0);
  });

  it('closeAll says 1001 to everyone and resolves when they are gone, also those that do not answer', async () => {
    const { channel, open, until } = await setup();
    const [polite, silent] = [await open(), await open()];
    const start = Date.now();
    const done = channel.closeAll();
    polite.send(frame(8, (await polite.next()).payload));
    assert.equal((await silent.next()).payload.readUInt16BE(0), 1001);
    await done;
    assert.ok(Date.now() - start < 5000);
    assert.deepEqual((await until(4)).slice(2), ['disconnect a 0 1001', 'disconnect b 0 1001']);
    await channel.closeAll();
  });
});

describe('Heartbeat', () => {
  it('T70 pings, and cuts who does not answer with 1006; who answers, or just talks, stays', async () => {
    const { channel, port, open, lines } = await setup({ heartbeat: 0.15 });
    const silent = await open();
    const talker = await open();
    const live = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(live, 'open');
    const talk = setInterval(() => talker.send(frame(1, 'still here')), 50);
    await silent.until(() => silent.ended);
    await sleep(400);
    clearInterval(talk);
    assert.deepEqual(
      silent.frames.map((one) => one.opcode),
      [9],
    );
    assert.equal(channel.count, 2);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('disconnect')),
      ['disconnect a 2 1006 The client does not answer.'],
    );
    live.terminate();
  });

  it('T83 does not cut everyone after the process was blocked', async () => {
    const { channel, port } = await setup({ heartbeat: 0.2 });
    const clients = Array.from({ length: 5 }, () => new WebSocket(`ws://127.0.0.1:${port}`));
    await Promise.all(clients.map((client) => once(client, 'open')));
    for (let round = 0; round < 3; round++) {
      const until = Date.now() + 500;
      while (Date.now() < until);
      await sleep(50);
    }
    assert.equal(channel.count, 5);
    for (const client of clients) client.terminate();
  });

  it('stops with the last client and starts again with the next', async () => {
    const { open, until } = await setup({ heartbeat: 0.1 });
    for (let round = 0; round < 2; round++) {
      const client = await open();
      assert.equal((await client.next()).opcode, 9);
      client.socket.destroy();
      await until(2 * (round + 1));
    }
  });

  it('can be switched off and on while clients are there', async () => {
    const { channel, open } = await setup({ heartbeat: 0 });
    const client = await open();
    await sleep(150);
    assert.equal(client.frames.length, 0);
    channel.configure({ heartbeat: 0.1 });
    assert.equal((await client.next()).opcode, 9);
  });
});
