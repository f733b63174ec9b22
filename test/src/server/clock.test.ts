import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { performance } from 'node:perf_hooks';
import { Clock, tickInterval } from '../../../src/server/clock.js';
import { RawClient, get } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

/** Keeps the process busy: no timer fires, no byte is read. */
function stall(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('The clock of a server', () => {
  it('moves on by itself and tells of every tick', async () => {
    const ticks: number[] = [];
    const clock = new Clock((now) => ticks.push(now));
    clock.start();
    clock.start();
    await eventually('three ticks', () => ticks.length >= 3);
    clock.stop();
    assert.ok(ticks.every((now, index) => index === 0 || now > (ticks[index - 1] ?? 0)));
    assert.ok(clock.now >= (ticks.at(-1) ?? 0));
  });

  it('T83 does not count the time the process stood still', async () => {
    let now = 0;
    const clock = new Clock((time) => {
      now = time;
    });
    clock.start();
    await eventually('a tick', () => now > 0);
    const before = clock.now;
    stall(1500);
    assert.ok(clock.now - before <= 2 * tickInterval + 1);
    await eventually('another tick', () => now > before);
    clock.stop();
    assert.ok(now - before <= 3 * tickInterval);
  });

  it('T83 a flow that blocks does not time out the requests of others', async (t) => {
    const server = await startServer(
      ({ request, response }) => {
        if (request.url === '/block') stall(1500);
        else setTimeout(() => response.send('late but in time'), 100);
        if (request.url === '/block') response.send('blocked');
      },
      { limits: { responseTimeout: 1 } },
    );
    t.after(() => server.stop());
    const [waiting, blocking] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    waiting.send(get('/wait'));
    await eventually('the first request', () => server.server.counts.requests === 1);
    blocking.send(get('/block'));
    assert.equal((await waiting.response()).text, 'late but in time');
    assert.equal((await blocking.response()).text, 'blocked');
    for (const client of [waiting, blocking]) client.destroy();
  });
});
