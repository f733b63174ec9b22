import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/index.js';
import { RawClient, requestText } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

const upgrade = (path: string): string =>
  requestText('GET', path, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]);

describe('An upgrade nobody has accepted yet', () => {
  it('can be answered like any request; the connection closes after it', async (t) => {
    const server = await startServer(({ request, response }) =>
      response.status(418).send(`no, ${String(request.upgrade)}`),
    );
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const answer = await client.send(upgrade('/x')).response();
    assert.deepEqual([answer.status, answer.text, answer.get('connection')], [418, 'no, true', 'close']);
    assert.equal(await client.closed(), '');
    await eventually('its end', () => server.server.counts.requests === 0);
  });

  it('ends in 504 where the flow says nothing', async (t) => {
    const server = await startServer(() => undefined, { limits: { responseTimeout: 1 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    assert.equal((await client.send(upgrade('/x')).response()).status, 504);
    assert.equal(await client.closed(), '');
  });

  it('is over when the client says goodbye, or breaks off', async (t) => {
    const waiting: Exchange[] = [];
    const server = await startServer((exchange) => waiting.push(exchange));
    t.after(() => server.stop());
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const client = await RawClient.open(server.port);
      client.send(upgrade('/x'));
      await eventually('the request', () => waiting.length === 1);
      client.socket[leave]();
      await eventually('its end', () => server.server.counts.requests === 0);
      assert.equal(waiting.pop()?.result, 'aborted');
      client.destroy();
    }
  });

  it('keeps no more than 64 KiB of what the client sends before', async (t) => {
    const waiting: Exchange[] = [];
    const server = await startServer((exchange) => waiting.push(exchange), { limits: { maxEarlyData: 64 * 1024 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(upgrade('/x'));
    await eventually('the request', () => waiting.length === 1);
    for (let count = 0; count < 400; count += 1) client.send(Buffer.alloc(64 * 1024));
    let before = -1;
    const socket = waiting[0]?.request.socket;
    await eventually('a standstill', () => {
      const isStill = socket?.bytesRead === before && before > 0;
      before = socket?.bytesRead ?? -1;
      return isStill;
    });
    assert.ok(before < 2 * 1024 * 1024, `${before} bytes read`);
    waiting[0]?.response.send('enough');
    assert.equal((await client.response()).text, 'enough');
    client.destroy();
  });

  it('stopped servers answer it 503', async () => {
    const waiting: Exchange[] = [];
    const server = await startServer((exchange) => waiting.push(exchange));
    const client = await RawClient.open(server.port);
    client.send(upgrade('/x'));
    await eventually('the request', () => waiting.length === 1);
    const stopped = server.stop();
    assert.equal((await client.response()).status, 503);
    assert.equal(await client.closed(), '');
    await stopped;
  });
});
