import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { EventChannel } from '../../../src/sse/channel.js';
import type { EventChannelOptions } from '../../../src/sse/channel-options.js';
import { serve, StreamClient } from './stream-client.js';
import type { TestServer } from './stream-client.js';

const servers: TestServer[] = [];

async function setup(
  options: EventChannelOptions,
): Promise<{ channel: EventChannel; port: number; reasons: string[] }> {
  const channel = new EventChannel('slow', options);
  const reasons: string[] = [];
  channel.listen({ onDisconnect: ({ reason }) => reasons.push(reason) });
  const server = await serve((request, response) => {
    channel.join(request, response, undefined);
  });
  servers.push(server);
  return { channel, port: server.port, reasons };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('Slow readers', () => {
  it('T75 a client further behind than backlog is closed and reported; the others get every event', async () => {
    const { channel, port, reasons } = await setup({ backlog: 256 * 1024 });
    const quick = await StreamClient.open(port);
    const slow = await StreamClient.open(port);
    slow.socket.pause();
    const data = 'x'.repeat(32 * 1024);
    const before = process.memoryUsage().rss;
    let sent = 0;
    while (channel.count === 2 && sent < 1000) {
      channel.publish({ data: `${sent} ${data}` });
      sent += 1;
      await quick.until(() => quick.events.length === sent);
    }
    assert.deepEqual([channel.count, reasons, channel.stats.tooSlow], [1, ['too slow'], 1]);
    channel.publish({ data: 'end' });
    await quick.until(() => quick.events.length === sent + 1);
    assert.ok(process.memoryUsage().rss - before < 120 * 1024 * 1024);
    // Nothing is said to it any more: the connection is cut, so that what was queued is let go.
    slow.socket.resume();
    await slow.until(() => slow.ended);
    assert.equal(slow.complete, false);
  });

  it('T75 never queues more than the backlog for a client', async () => {
    const channel = new EventChannel('bound', { backlog: 100_000 });
    const pending: number[] = [];
    const server = await serve((request, response) => {
      channel.join(request, response, undefined);
      const sample = setInterval(() => pending.push(response.writableLength), 1);
      response.on('close', () => clearInterval(sample));
    });
    servers.push(server);
    const client = await StreamClient.open(server.port);
    client.socket.pause();
    for (let index = 0; index < 5000 && channel.count === 1; index++) {
      channel.publish({ data: 'x'.repeat(10_000) });
      if (index % 20 === 0) await sleep(1);
    }
    assert.equal(channel.count, 0);
    assert.ok(Math.max(...pending) <= 101_000, `${Math.max(...pending)} bytes were queued`);
  });

  it('one event may be larger than the backlog for a client that is not behind', async () => {
    const { channel, port } = await setup({ backlog: 1000 });
    const client = await StreamClient.open(port);
    assert.equal(channel.publish({ data: 'x'.repeat(300_000) }), 1);
    await client.until(() => client.events.length === 1);
    assert.equal(client.events[0]!.data.length, 300_000);
  });

  it('a returning client reads far more than backlog at its own pace, and is not cut for it', async () => {
    const { channel, port, reasons } = await setup({ replay: 500, backlog: 50_000 });
    const data = 'x'.repeat(20_000);
    for (let index = 0; index < 500; index++) channel.publish({ data: `${index} ${data}` });
    const client = await StreamClient.open(port, ['Last-Event-ID: none']);
    // Live events while it is still reading the old ones
    for (let index = 500; index < 520; index++) {
      channel.publish({ data: `${index} ${data}` });
      await sleep(1);
    }
    // Some of the oldest were evicted by then: it has read those, or it would have been told to go.
    await client.until(() => client.events.at(-1)?.data.startsWith('519 ') === true);
    const numbers = client.data.map((one) => Number(one.split(' ')[0]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 520 }, (_, index) => index),
    );
    assert.deepEqual(reasons, []);
  });

  it('a returning client that reads so slowly that events are evicted before it is closed, not given a gap', async () => {
    const { channel, port, reasons } = await setup({ replay: 200, backlog: 10_000_000 });
    const data = 'x'.repeat(100_000);
    for (let index = 0; index < 200; index++) channel.publish({ data: `${index} ${data}` });
    const client = await StreamClient.open(port, ['Last-Event-ID: none']);
    client.socket.pause();
    for (let index = 200; index < 500 && reasons.length === 0; index++) {
      channel.publish({ data: `${index} ${data}` });
      await sleep(0);
    }
    assert.deepEqual(reasons, ['too slow']);
    client.socket.resume();
    await client.until(() => client.ended);
    const numbers = client.data.map((one) => Number(one.split(' ')[0]));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => numbers[0]! + index),
    );
  });
});

describe('The seam between replay and live events', () => {
  it('loses and doubles nothing, wherever a client breaks off and however it reads', async () => {
    const step = fc.record({
      publish: fc.integer({ min: 0, max: 12 }),
      size: fc.constantFrom(10, 3000, 70_000),
      leave: fc.boolean(),
      pause: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const { channel, port } = await setup({ replay: 1000, backlog: 8 * 1024 * 1024, heartbeat: 0.01 });
        let published = 0;
        const publish = (count: number, size: number): void => {
          for (let index = 0; index < count; index++) {
            published += 1;
            channel.publish({ data: `${published} ${'x'.repeat(size)}` });
          }
        };
        const seen: number[] = [];
        // Without an id yet there is nothing to go on from: the unknown id asks for everything.
        let lastEventId = 'none';
        let client = await StreamClient.open(port);
        const collect = (): void => {
          for (const { data } of client.events.splice(0)) seen.push(Number(data.split(' ')[0]));
        };
        for (const { publish: count, size, leave, pause } of steps) {
          if (pause) client.socket.pause();
          publish(count, size);
          if (count % 2 === 0) await sleep(1);
          client.socket.resume();
          if (!leave) continue;
          client.socket.destroy();
          await client.until(() => client.ended);
          collect();
          if (client.lastEventId !== '') lastEventId = client.lastEventId;
          publish(count, size);
          client = await StreamClient.open(port, [`Last-Event-ID: ${lastEventId}`]);
          publish(count, size);
        }
        channel.publish({ data: `${(published += 1)} end` });
        await client.until(() => client.events.at(-1)?.data.endsWith(' end') === true);
        collect();
        assert.deepEqual(
          seen,
          Array.from({ length: published }, (_, index) => index + 1),
        );
        client.socket.destroy();
        await servers.pop()!.stop();
      }),
      { numRuns: 25 },
    );
  });

  it('counts add up while clients come, leave and break', async () => {
    const channel = new EventChannel('churn', { replay: 5000, heartbeat: 0.05 });
    const present = new Set<string>();
    let connects = 0;
    let disconnects = 0;
    const listener = {
      onConnect: ({ client, count }: { client: string; count: number }): void => {
        connects += 1;
        present.add(client);
        assert.equal(count, present.size);
      },
      onDisconnect: ({ client, count }: { client: string; count: number }): void => {
        disconnects += 1;
        assert.ok(present.delete(client), 'a client leaves once');
        assert.equal(count, present.size);
      },
    };
    channel.listen(listener);
    const server = await serve((request, response) => {
      channel.join(request, response, undefined);
    });
    servers.push(server);
    let published = 0;
    const source = setInterval(() => {
      published += 1;
      channel.publish({ data: published });
      if (published % 40 === 0) channel.hold();
      if (published % 40 === 10) channel.listen(listener);
    }, 1);
    let joins = 0;
    const life = async (seed: number): Promise<void> => {
      let lastEventId = 'none';
      let next = 1;
      for (let visit = 0; visit < 4; visit++) {
        const client = await StreamClient.open(server.port, [`Last-Event-ID: ${lastEventId}`]);
        joins += 1;
        await sleep((seed * 7 + visit * 13) % 50);
        if ((seed + visit) % 2 === 0) client.socket.resetAndDestroy();
        else client.socket.destroy();
        await client.until(() => client.ended);
        for (const { data } of client.events) assert.equal(Number(data), next++);
        if (client.lastEventId !== '') lastEventId = client.lastEventId;
      }
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => life(index)));
    clearInterval(source);
    channel.listen(listener);
    for (let turn = 0; turn < 100 && channel.count > 0; turn++) await sleep(10);
    assert.equal(joins, 240);
    assert.deepEqual(
      { connects, disconnects, left: present.size, count: channel.count },
      { connects: 240, disconnects: 240, left: 0, count: 0 },
    );
  });
});
