import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isHttpError } from '../../../src/errors.js';
import { EventChannel } from '../../../src/sse/channel.js';
import type { EventChannelListener, EventChannelOptions } from '../../../src/sse/channel-options.js';
import { serve, StreamClient } from './stream-client.js';
import type { TestServer } from './stream-client.js';

interface Info {
  readonly path: string;
}

const servers: TestServer[] = [];

function recorder(): { lines: string[]; listener: EventChannelListener<Info> } {
  const lines: string[] = [];
  const names = new Map<string, string>();
  const name = (id: string): string => {
    if (!names.has(id)) names.set(id, String.fromCharCode(97 + names.size));
    return names.get(id)!;
  };
  return {
    lines,
    listener: {
      onConnect: ({ client, count, lastEventId }) => lines.push(`connect ${name(client)} ${count} "${lastEventId}"`),
      onDisconnect: ({ client, count, reason }) => lines.push(`disconnect ${name(client)} ${count} ${reason}`),
    },
  };
}

interface Setup {
  readonly channel: EventChannel<Info>;
  readonly lines: string[];
  readonly joined: (string | undefined)[];
  readonly open: (lastEventId?: string, start?: string) => Promise<StreamClient>;
  readonly until: (count: number) => Promise<string[]>;
}

async function setup(options: EventChannelOptions = {}, idsFrom?: number): Promise<Setup> {
  const channel = new EventChannel<Info>('news', options, idsFrom);
  const { lines, listener } = recorder();
  channel.listen(listener);
  const joined: (string | undefined)[] = [];
  const server = await serve((request, response) => {
    try {
      joined.push(channel.join(request, response, { path: request.url ?? '' }));
    } catch (error) {
      if (!isHttpError(error)) throw error;
      for (const [name, value] of Object.entries(error.headers ?? {})) response.setHeader(name, value);
      response.statusCode = error.status;
      response.end(error.code);
    }
  });
  servers.push(server);
  return {
    channel,
    lines,
    joined,
    open: (id, start) => StreamClient.open(server.port, id === undefined ? [] : [`Last-Event-ID: ${id}`], start),
    until: async (count) => {
      for (let turn = 0; turn < 200 && lines.length < count; turn++) await sleep(10);
      return lines;
    },
  };
}

async function got(client: StreamClient, count: number): Promise<string[]> {
  await client.until(() => client.events.length >= count);
  return client.data;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('Publishing', () => {
  it('reaches everyone on the channel and counts them', async () => {
    const { channel, open } = await setup();
    const clients = [await open(), await open(), await open()];
    assert.equal(channel.publish({ data: { n: 1 }, event: 'tick' }), 3);
    for (const client of clients) {
      await got(client, 1);
      assert.deepEqual(client.events, [{ event: 'tick', data: '{"n":1}', id: '' }]);
    }
    assert.deepEqual(channel.stats, { published: 1, delivered: 3, tooSlow: 0 });
  });

  it('reaches one client or several; unknown ones are ignored', async () => {
    const { channel, open, joined } = await setup();
    const [a, b, c] = [await open(), await open(), await open()];
    assert.equal(channel.publish({ data: 'a' }, { client: joined[0]! }), 1);
    assert.equal(channel.publish({ data: 'ab' }, { client: [joined[0]!, joined[1]!, 'stranger', joined[0]!] }), 2);
    assert.equal(channel.publish({ data: 'nobody' }, { client: 'stranger' }), 0);
    assert.equal(channel.publish({ data: 'nobody' }, { client: [] }), 0);
    channel.publish({ data: 'all' });
    assert.deepEqual(await got(a, 3), ['a', 'ab', 'all']);
    assert.deepEqual(await got(b, 2), ['ab', 'all']);
    assert.deepEqual(await got(c, 1), ['all']);
  });

  it('sends nothing to anyone when the event cannot be encoded, and uses up no id', async () => {
    const { channel, open } = await setup({ replay: 10 });
    const client = await open();
    assert.throws(() => channel.publish({ data: 1n }), { code: 'INVALID_PAYLOAD' });
    assert.throws(() => channel.publish({ data: 'x', id: 'a\nb' }), { code: 'INVALID_PAYLOAD' });
    assert.equal(channel.publish({}), 0);
    channel.publish({ data: 'first' });
    await got(client, 1);
    assert.deepEqual(client.events, [{ event: 'message', data: 'first', id: '1' }]);
  });

  it('a client can be greeted from within the news of its coming', async () => {
    const { channel, open } = await setup();
    channel.listen({
      onConnect: ({ client, info }) => channel.publish({ data: `welcome to ${info.path}`, event: 'hello' }, { client }),
    });
    assert.deepEqual(await got(await open(), 1), ['welcome to /events']);
  });

  it('T73 T75 survives clients that vanish while it sends', async () => {
    const { channel, open, until } = await setup();
    const clients = await Promise.all(Array.from({ length: 20 }, () => open()));
    for (const [index, client] of clients.entries()) {
      if (index % 2 === 0) client.socket.resetAndDestroy();
      channel.publish({ data: index });
    }
    await until(30);
    channel.publish({ data: 'end' });
    for (const [index, client] of clients.entries())
      if (index % 2 === 1) assert.equal((await got(client, 21)).at(-1), 'end');
    assert.equal(channel.count, 10);
  });
});

describe('Default ids', () => {
  it('are increasing integers when events are kept', async () => {
    const { channel, open } = await setup({ replay: 5 });
    const client = await open();
    for (const data of ['a', 'b', 'c']) channel.publish({ data });
    await got(client, 3);
    assert.deepEqual(
      client.events.map(({ id }) => id),
      ['1', '2', '3'],
    );
  });

  it('begin behind a given number: an id of an earlier process is an unknown one, and brings everything kept', async () => {
    const { channel, open } = await setup({ replay: 5 }, 1_000_000);
    channel.publish({ data: 'new' });
    const client = await open('1');
    assert.deepEqual(await got(client, 1), ['new']);
    assert.equal(client.events[0]?.id, '1000001');
  });

  it('go on behind an integer the flow has used itself; other ids leave them alone', async () => {
    const { channel, open } = await setup({ replay: 9 });
    const client = await open();
    for (const id of [undefined, 100, undefined, 'abc', undefined, 7, undefined, Number.MAX_SAFE_INTEGER, undefined])
      channel.publish({ data: 'x', id });
    await got(client, 9);
    assert.deepEqual(
      client.events.map((one) => one.id),
      ['1', '100', '101', 'abc', '102', '7', '103', String(Number.MAX_SAFE_INTEGER), '104'],
    );
  });

  it('are not given without replay, to comments, or to events for single clients', async () => {
    const { channel, open, joined } = await setup();
    const client = await open();
    channel.publish({ data: 'plain' });
    channel.configure({ replay: 5 });
    channel.publish({ comment: 'nothing to see' });
    channel.publish({ data: 'for you' }, { client: joined[0]! });
    channel.publish({ data: 'for all' });
    await got(client, 3);
    assert.deepEqual(
      client.events.map(({ id }) => id),
      ['', '', '1'],
    );
  });
});

describe('Last-Event-ID', () => {
  async function filled(count = 6, replay = 4): Promise<Setup> {
    const made = await setup({ replay });
    for (let index = 1; index <= count; index++) made.channel.publish({ data: `e${index}` });
    return made;
  }

  it('brings the kept events behind it, in order, with their ids, then the live ones', async () => {
    const { channel, open, until } = await filled();
    const client = await open('4');
    channel.publish({ data: 'live' });
    assert.deepEqual(await got(client, 3), ['e5', 'e6', 'live']);
    assert.deepEqual(
      client.events.map(({ id }) => id),
      ['5', '6', '7'],
    );
    assert.deepEqual(await until(1), ['connect a 1 "4"']);
  });

  it('that is the latest brings nothing but live events', async () => {
    const { channel, open } = await filled();
    const client = await open('6');
    channel.publish({ data: 'live' });
    assert.deepEqual(await got(client, 1), ['live']);
  });

  it('that is unknown or evicted brings everything kept', async () => {
    const { open } = await filled();
    for (const id of ['1', '2', 'whatever', '99', '-1'])
      assert.deepEqual(await got(await open(id), 4), ['e3', 'e4', 'e5', 'e6'], id);
  });

  it('that is missing or empty brings nothing', async () => {
    const { channel, open } = await filled();
    for (const id of [undefined, '']) {
      const client = await open(id);
      channel.publish({ data: 'live' });
      assert.deepEqual(await got(client, 1), ['live']);
    }
  });

  it('may come in the query instead; the header wins', async () => {
    const { open } = await filled();
    assert.deepEqual(await got(await open(undefined, 'GET /events?a=1&lastEventId=5 HTTP/1.1'), 1), ['e6']);
    assert.deepEqual(await got(await open('4', 'GET /events?lastEventId=5 HTTP/1.1'), 2), ['e5', 'e6']);
    const client = await open(undefined, 'GET /events?notlastEventId=5&lastEventId HTTP/1.1');
    await sleep(30);
    assert.deepEqual(client.data, []);
  });

  it('may hold any characters: it comes back as UTF-8', async () => {
    const { channel, open } = await setup({ replay: 5 });
    channel.publish({ data: 'first', id: 'größe ✓' });
    channel.publish({ data: 'second' });
    const latin1 = Buffer.from('größe ✓').toString('latin1');
    const raw = await rawOpen(
      servers.at(-1)!.port,
      `GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${latin1}\r\n\r\n`,
    );
    assert.deepEqual(await got(raw, 1), ['second']);
    const query = await open(undefined, `GET /events?lastEventId=${encodeURIComponent('größe ✓')} HTTP/1.1`);
    assert.deepEqual(await got(query, 1), ['second']);
  });

  it('T75 is untrusted: past 256 characters it is an unknown id, and reported cut', async () => {
    const { open, until } = await filled();
    assert.deepEqual(await got(await open('6'.repeat(5000)), 4), ['e3', 'e4', 'e5', 'e6']);
    assert.deepEqual(await until(1), [`connect a 1 "${'6'.repeat(256)}"`]);
  });

  it('finds ids the flow has set itself, 0 included', async () => {
    const { channel, open } = await setup({ replay: 5 });
    channel.publish({ data: 'zero', id: 0 });
    channel.publish({ data: 'one', id: 'one' });
    assert.deepEqual(await got(await open('0'), 1), ['one']);
  });

  it('brings an event that is only an id as a place to go on from', async () => {
    const { channel, open } = await setup({ replay: 5 });
    channel.publish({ data: 'a' });
    channel.publish({ id: 'mark' });
    channel.publish({ data: 'b' });
    assert.deepEqual(await got(await open('mark'), 1), ['b']);
  });

  it('does not bring what was meant for single clients, nor comments', async () => {
    const { channel, open, joined } = await setup({ replay: 5 });
    await open();
    channel.publish({ data: 'secret' }, { client: joined[0]! });
    channel.publish({ comment: 'note' });
    channel.publish({ data: 'public' });
    const client = await open('unknown');
    assert.deepEqual(await got(client, 1), ['public']);
    assert.ok(!client.body.includes('note'));
  });

  it('without replay brings nothing and does no harm', async () => {
    const { channel, open } = await setup();
    channel.publish({ data: 'gone' });
    const client = await open('1');
    channel.publish({ data: 'live' });
    assert.deepEqual(await got(client, 1), ['live']);
  });
});

describe('Clients that leave or are sent away', () => {
  it('a client that leaves is reported at once, with what it was', async () => {
    const { channel, open } = await setup();
    const events: object[] = [];
    channel.listen({ onConnect: (event) => events.push(event), onDisconnect: (event) => events.push(event) });
    const client = await open('5');
    client.socket.destroy();
    for (let turn = 0; turn < 100 && events.length < 2; turn++) await sleep(5);
    const about = {
      client: (events[0] as { client: string }).client,
      channel: 'news',
      lastEventId: '5',
      info: { path: '/events' },
    };
    assert.match(about.client, /^[\da-f]{16}$/);
    assert.deepEqual(events, [
      { event: 'connect', ...about, count: 1 },
      { event: 'disconnect', ...about, count: 0, reason: 'left' },
    ]);
  });

  it('close ends addressed clients with a complete "event: close"; the others stay', async () => {
    const { channel, open, joined, until } = await setup();
    const [a, b] = [await open(), await open()];
    channel.publish({ data: 'last' }, { client: joined[0]! });
    assert.equal(channel.close([joined[0]!, 'stranger']), 1);
    assert.equal(channel.close(joined[0]!), 0);
    await a.until(() => a.complete);
    assert.deepEqual(
      a.events.map(({ event }) => event),
      ['message', 'close'],
    );
    channel.publish({ data: 'still here' });
    assert.deepEqual(await got(b, 1), ['still here']);
    assert.deepEqual(await until(3), ['connect a 1 ""', 'connect b 2 ""', 'disconnect a 1 closed']);
  });

  it('closeAll ends everyone, and the channel can be joined again', async () => {
    const { channel, open, until } = await setup();
    const clients = [await open(), await open()];
    channel.closeAll();
    for (const client of clients) await client.until(() => client.complete);
    assert.deepEqual((await until(4)).slice(2), ['disconnect a 1 channel removed', 'disconnect b 0 channel removed']);
    const again = await open();
    assert.equal(channel.publish({ data: 'x' }), 1);
    assert.deepEqual(await got(again, 1), ['x']);
  });

  it('a HEAD gets the headers and is no client', async () => {
    const { channel, open, lines, joined } = await setup({ maxClients: 1 });
    const client = await open(undefined, 'HEAD /events HTTP/1.1');
    assert.equal(client.header('Content-Type'), 'text/event-stream');
    assert.deepEqual([channel.count, lines.length, joined], [0, 0, [undefined]]);
  });

  it('a client that has left before it could join is no client', async () => {
    const channel = new EventChannel<Info>('late');
    const results: unknown[] = [];
    const server = await serve((request, response) => {
      request.socket.destroy();
      setTimeout(() => results.push(channel.join(request, response, { path: '' })), 20);
    });
    servers.push(server);
    await StreamClient.open(server.port);
    await sleep(50);
    assert.deepEqual([results, channel.count], [[undefined], 0]);
  });

  it('a request that has been answered cannot join', async () => {
    const channel = new EventChannel<Info>('late');
    const server = await serve((request, response) => {
      response.end('done');
      assert.throws(() => channel.join(request, response, { path: '' }), { code: 'ALREADY_ANSWERED' });
    });
    servers.push(server);
    assert.equal((await StreamClient.open(server.port)).status, 200);
  });
});

describe('maxClients', () => {
  it('"reject" answers one client too many with 503 and Retry-After', async () => {
    const { channel, open } = await setup({ maxClients: 2 });
    await open();
    await open();
    const third = await open();
    assert.deepEqual([third.status, third.header('Retry-After'), channel.count], [503, '5', 2]);
  });

  it('"replace" closes the oldest in favour of the new one (API row SS7)', async () => {
    const { channel, open, lines } = await setup({ maxClients: 1, onFull: 'replace' });
    const first = await open();
    const second = await open();
    await first.until(() => first.complete);
    assert.deepEqual(lines, ['connect a 1 ""', 'disconnect a 0 replaced', 'connect b 1 ""']);
    channel.publish({ data: 'x' });
    assert.deepEqual(await got(second, 1), ['x']);
    assert.deepEqual(
      first.events.map(({ event }) => event),
      ['close'],
    );
  });
});

describe('A channel across a change of its listener', () => {
  it('keeps its clients, and hands what happened meanwhile to the next listener', async () => {
    const { channel, open, lines } = await setup({ replay: 3 });
    const [a, b] = [await open(), await open()];
    channel.hold();
    a.socket.destroy();
    const c = await open();
    for (let turn = 0; turn < 100 && channel.count !== 2; turn++) await sleep(5);
    assert.equal(channel.publish({ data: 'meanwhile' }), 2);
    assert.deepEqual(lines.length, 2);
    const next = recorder();
    channel.listen(next.listener);
    assert.deepEqual(next.lines.map((line) => line.split(' ')[0]).sort(), ['connect', 'disconnect']);
    assert.deepEqual([await got(b, 1), await got(c, 1)], [['meanwhile'], ['meanwhile']]);
  });

  it('applies new settings to the clients it has', async () => {
    const { channel, open } = await setup({ heartbeat: 0 });
    const client = await open();
    await client.until(() => client.comments.length === 1);
    channel.configure({ heartbeat: 0.05, replay: 1 });
    await client.until(() => client.comments.length >= 3);
    channel.configure({ heartbeat: 0 });
    const before = client.comments.length;
    await sleep(150);
    assert.ok(client.comments.length <= before + 1);
  });

  it('refuses a retry that cannot be sent, and keeps its settings', () => {
    const channel = new EventChannel('x');
    assert.throws(() => channel.configure({ retry: 'soon' }), { code: 'INVALID_PAYLOAD' });
    assert.throws(() => new EventChannel('x', { retry: -5 }), { code: 'INVALID_PAYLOAD' });
  });

  it('heartbeats are comments: no events for the client', async () => {
    const { open } = await setup({ heartbeat: 0.05 });
    const client = await open();
    await client.until(() => client.comments.length >= 4);
    assert.deepEqual(client.events, []);
  });
});

async function rawOpen(port: number, text: string): Promise<StreamClient> {
  const { connect } = await import('node:net');
  const client = new StreamClient(connect(port, '127.0.0.1'));
  client.socket.write(Buffer.from(text, 'latin1'));
  await client.until(() => client.head !== '');
  return client;
}
