import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it } from 'node:test';
import { RawClient, get } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

describe('Connections', () => {
  it('T14 over maxConnections the newest gets 503 with Retry-After and the end, and its request reaches no flow', async (t) => {
    const seen: string[] = [];
    const server = await startServer(
      ({ request, response }) => {
        seen.push(request.url ?? '');
        response.send('ok');
      },
      { limits: { maxConnections: 2 } },
    );
    t.after(() => server.stop());
    const clients = [await RawClient.open(server.port), await RawClient.open(server.port)];
    for (const client of clients) assert.equal((await client.send(get('/in')).response()).status, 200);
    const late = await RawClient.open(server.port);
    late.send(get('/late'));
    const refused = await late.response();
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.get('retry-after')) > 0);
    assert.equal(refused.get('connection'), 'close');
    assert.equal(await late.closed(), '');
    assert.deepEqual(seen, ['/in', '/in']);
    for (const client of clients) assert.equal((await client.send(get('/again')).response()).status, 200);
    clients[0]?.destroy();
    await eventually('a free place', () => server.server.counts.connections === 1);
    const next = await RawClient.open(server.port);
    assert.equal((await next.send(get('/next')).response()).status, 200);
    for (const client of [...clients, next, late]) client.destroy();
  });

  it('T06 T14 who is refused and stays, or goes on sending, is closed all the same', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { maxConnections: 2 } });
    t.after(() => server.stop());
    const first = await RawClient.open(server.port);
    assert.equal((await first.send(get('/')).response()).status, 200);
    const stay = async (text: string): Promise<{ status: string; until: Promise<unknown> }> => {
      const socket = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
      const until = new Promise((done) => socket.on('error', done).on('close', done));
      const head = new Promise<string>((done) =>
        socket.once('data', (data: Buffer) => done(data.toString('latin1', 9, 12))),
      );
      socket.write(text);
      const drip = setInterval(() => socket.write('x'), 100);
      void until.then(() => clearInterval(drip));
      return { status: await head, until };
    };
    const tunnel = await stay('CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n');
    const late = await stay('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n');
    assert.deepEqual([tunnel.status, late.status], ['405', '503']);
    await Promise.all([tunnel.until, late.until]);
    assert.equal(server.server.counts.connections, 1);
    first.destroy();
  });

  it('T14 maxConnectionsPerIp counts each address for itself', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { maxConnectionsPerIp: 1 } });
    t.after(() => server.stop());
    const first = await RawClient.open(server.port);
    assert.equal((await first.send(get('/')).response()).status, 200);
    const second = await RawClient.open(server.port);
    assert.equal((await second.send(get('/')).response()).status, 503);
    const other = await RawClient.open(server.port, { localAddress: '127.0.0.2' });
    assert.equal((await other.send(get('/')).response()).status, 200);
    for (const client of [first, second, other]) client.destroy();
  });

  it('T14 limits that change count for the next connection, not for those that are there', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'));
    t.after(() => server.stop());
    const old = [await RawClient.open(server.port), await RawClient.open(server.port)];
    for (const client of old) await client.send(get('/')).response();
    const { settings } = server.server;
    server.server.configure({ ...settings, limits: { ...settings.limits, maxConnections: 1 } }, undefined);
    const late = await RawClient.open(server.port);
    assert.equal((await late.send(get('/')).response()).status, 503);
    for (const client of old) assert.equal((await client.send(get('/')).response()).status, 200);
    for (const client of [...old, late]) client.destroy();
  });
});
