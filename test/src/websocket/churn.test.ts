import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SocketChannel } from '../../../src/websocket/channel.js';
import { serve } from './raw-client.js';
import type { TestInfo } from './raw-client.js';

describe('Clients that come, talk, leave and break', () => {
  it('add up: every message once, every client one connect and one disconnect, counts right throughout', async (t) => {
    const channel = new SocketChannel<TestInfo>('churn', { heartbeat: 1, compression: true });
    const server = await serve(channel);
    t.after(() => server.stop());
    const present = new Set<string>();
    const received = new Map<string, number>();
    let connects = 0;
    let disconnects = 0;
    const listener = {
      onConnect: ({ client, count }: { client: string; count: number }): void => {
        connects += 1;
        present.add(client);
        assert.equal(count, present.size, 'as many as were there when it happened');
      },
      onMessage: ({ client, data }: { client: string; data: unknown }): void => {
        assert.ok(present.has(client), 'a message of a client that is there');
        const [name = '', index] = String(data).split(' ');
        assert.equal(Number(index), received.get(name) ?? 0, 'in order, none lost or doubled');
        received.set(name, Number(index) + 1);
        channel.send(data, { client });
      },
      onDisconnect: ({ client, count }: { client: string; count: number }): void => {
        disconnects += 1;
        assert.ok(present.delete(client), 'a client leaves once');
        assert.equal(count, present.size);
      },
    };
    channel.listen(listener);

    let clients = 0;
    let expected = 0;
    let echoed = 0;
    const life = async (seed: number): Promise<void> => {
      const client = new WebSocket(`ws://127.0.0.1:${server.port}`, { perMessageDeflate: seed % 2 === 0 });
      client.on('error', () => undefined);
      let back = 0;
      client.on('message', () => (back += 1));
      await once(client, 'open');
      clients += 1;
      const count = 5 + (seed % 20);
      for (let index = 0; index < count; index++) {
        client.send(`${seed} ${index} ${'x'.repeat((seed * 37) % 3000)}`);
        if (index % 4 === 0) await sleep(seed % 3);
      }
      for (let turn = 0; turn < 500 && back < count; turn++) await sleep(5);
      expected += count;
      echoed += back;
      if (seed % 3 === 0) client.terminate();
      else client.close(seed % 3 === 1 ? 1000 : 4000);
      await once(client, 'close');
    };
    const holds = (async () => {
      for (let round = 0; round < 10; round++) {
        await sleep(40);
        channel.hold();
        await sleep(15);
        channel.listen(listener);
      }
    })();
    for (let batch = 0; batch < 10; batch++)
      await Promise.all(Array.from({ length: 20 }, (_, index) => life(batch * 20 + index)));
    await holds;
    for (let turn = 0; turn < 200 && present.size > 0; turn++) await sleep(10);

    assert.equal(clients, 200);
    assert.deepEqual(
      { connects, disconnects, left: present.size, count: channel.count },
      { connects: 200, disconnects: 200, left: 0, count: 0 },
    );
    assert.equal(
      [...received.values()].reduce((sum, one) => sum + one, 0),
      expected,
    );
    assert.equal(echoed, expected);
    assert.deepEqual([channel.stats.received, channel.stats.sent], [expected, expected]);
  });
});
