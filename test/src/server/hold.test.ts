import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HandOver } from '../../../src/index.js';
import { RawClient, get } from '../../support/raw-client.js';
import { refuses } from '../../support/refuses.js';
import { freePort } from '../../support/node-red.js';
import { entryOf, eventually, newServer, startServer } from '../../support/test-server.js';

describe('A held server', () => {
  it('T76 answers nothing until it is released, then everything in order', async (t) => {
    const seen: string[] = [];
    const server = await startServer(({ request, response }) => {
      seen.push(request.url ?? '');
      response.send('ok');
    });
    t.after(() => server.stop());
    server.server.hold();
    const client = await RawClient.open(server.port);
    client.send(get('/1') + get('/2'));
    await eventually('both', () => server.server.counts.requests === 2);
    client.send(get('/3'));
    await eventually('the third', () => server.server.counts.requests === 3);
    assert.deepEqual(seen, []);
    server.server.release('full');
    assert.deepEqual(
      (await client.responses(3)).map(({ status }) => status),
      [200, 200, 200],
    );
    assert.deepEqual(seen, ['/1', '/2', '/3']);
    client.destroy();
  });

  it('T76 refuses more than maxQueued with 503 and Retry-After: 1', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { maxQueued: 2 } });
    t.after(() => server.stop());
    server.server.hold();
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.open(server.port)));
    for (const [index, client] of clients.entries()) {
      client.send(get('/'));
      await eventually('it', () => server.server.counts.requests === Math.min(index + 1, 2));
    }
    const refused = await clients[2]?.response();
    assert.deepEqual([refused?.status, refused?.get('retry-after')], [503, '1']);
    server.server.release('full');
    for (const client of clients.slice(0, 2)) assert.equal((await client.response()).status, 200);
    for (const client of clients) client.destroy();
  });

  it('T76 closes its port and refuses what waits after maxQueueWait, and is back with its release', async (t) => {
    const port = await freePort();
    const server = await startServer(({ response }) => response.send('ok'), {
      limits: { maxQueueWait: 0.3, drainTimeout: 1 },
      address: { host: '127.0.0.1', port },
    });
    t.after(() => server.stop());
    server.server.hold();
    const client = await RawClient.open(port);
    client.send(get('/'));
    const answer = await client.response();
    assert.deepEqual([answer.status, answer.get('retry-after'), answer.get('connection')], [503, '1', 'close']);
    await client.closed();
    assert.ok(await refuses(port));
    server.server.release('full');
    await eventually('the port', () => server.server.state.state === 'listening');
    const again = await RawClient.open(port);
    assert.equal((await again.send(get('/')).response()).status, 200);
    again.destroy();
  });

  it('stays stopped when somebody has stopped it while it was held', async (t) => {
    const server = await startServer([], { limits: { maxQueueWait: 0.1 } });
    t.after(() => server.stop());
    server.server.hold();
    await eventually('the end of patience', () => server.server.state.state === 'stopped');
    await server.server.stop();
    server.server.release('full');
    await sleep(50);
    assert.equal(server.server.state.state, 'stopped');
  });

  it('T76 hands a body that arrives after its entry was replaced to the new one', async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const bodies: unknown[] = [];
    const close = server.server.addEntry(entryOf({ handle: () => bodies.push('old') }));
    const client = await RawClient.open(server.port);
    client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nha');
    await eventually('the request', () => server.server.counts.requests === 1);
    server.server.hold();
    close();
    server.server.addEntry(
      entryOf({
        handle: ({ request, response }) => {
          bodies.push(request.body);
          response.send('new');
        },
      }),
    );
    server.server.release('nodes');
    client.send('lf');
    assert.equal((await client.response()).text, 'new');
    assert.deepEqual(bodies, ['half']);
    client.destroy();
  });

  it('T76 a stream that was read before cannot be handled once more: 503', async (t) => {
    const server = await startServer([
      { body: { mode: 'stream' }, handle: ({ request }) => void request.on('data', () => undefined) },
    ]);
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send('GET / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nhalf');
    await eventually('the request', () => server.server.counts.requests === 1);
    await sleep(50);
    server.server.hold();
    server.server.release('full');
    assert.equal((await client.response()).status, 503);
    client.destroy();
  });

  it('tells what finished while it was held when it is released', async (t) => {
    const records: unknown[] = [];
    let answer: (() => void) | undefined;
    const server = await startServer(({ response }) => (answer = () => void response.send('late')));
    t.after(() => server.stop());
    server.server.on('record', ({ result }) => records.push(result));
    const client = await RawClient.open(server.port);
    client.send(get('/'));
    await eventually('the request', () => answer !== undefined);
    server.server.hold();
    answer?.();
    await client.response();
    await eventually('its end', () => server.server.counts.requests === 0);
    assert.deepEqual(records, []);
    server.server.release('nodes');
    assert.deepEqual(records, ['response-sent']);
    client.destroy();
  });

  it('a server that is started while it stops is there afterwards, one that is stopped while it starts is not', async () => {
    const server = await startServer(() => undefined, { limits: { drainTimeout: 1 } });
    const client = await RawClient.open(server.port);
    client.send(get('/'));
    await eventually('the request', () => server.server.counts.requests === 1);
    const stopped = server.server.stop();
    const started = server.server.start();
    assert.equal((await client.response()).status, 503);
    await Promise.all([stopped, started]);
    assert.equal(server.server.state.state, 'listening');
    await server.server.stop();
    const starting = server.server.start();
    await server.server.stop();
    await starting;
    assert.equal(server.server.state.state, 'stopped');
    assert.ok(await refuses(server.port));
  });
});

describe('HandOver', () => {
  const at = (host: string, port: number) => newServer({ address: { host, port } });

  it('keeps a server for its id, address and protocol, and hands a moved one over to be ended', () => {
    const registry = new HandOver();
    const server = at('127.0.0.1', 8080);
    registry.hold('a', server, false);
    assert.deepEqual(registry.take('b', server.address, false), {});
    assert.deepEqual(registry.take('a', server.address, false), { kept: server });
    assert.deepEqual(registry.take('a', server.address, false), {});
    registry.hold('a', server, false);
    assert.deepEqual(registry.take('a', server.address, true), { moved: server });
    registry.hold('a', server, false);
    assert.deepEqual(registry.take('a', { host: '127.0.0.1', port: 8081 }, false), { moved: server });
  });

  it('knows whose port stands in the way, wildcards and names included', () => {
    const registry = new HandOver();
    registry.hold('a', at('127.0.0.1', 8080), false);
    for (const [host, port, blocks] of [
      ['127.0.0.1', 8080, true],
      ['0.0.0.0', 8080, true],
      ['::', 8080, true],
      ['localhost', 8080, true],
      ['127.0.0.2', 8080, false],
      ['::1', 8080, false],
      ['127.0.0.1', 8081, false],
    ] as const)
      assert.equal(registry.blocks({ host, port }), blocks, `${host}:${port}`);
    assert.equal(registry.drop().length, 1);
    assert.equal(registry.blocks({ host: '127.0.0.1', port: 8080 }), false);
    registry.hold('free', at('127.0.0.1', 0), false);
    assert.equal(registry.blocks({ host: '127.0.0.1', port: 0 }), false, 'a free port is another each time');
  });
});
