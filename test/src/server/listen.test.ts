import assert from 'node:assert/strict';
import http from 'node:http';
import type net from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import type { ServerState } from '../../../src/index.js';
import { RawClient, ask, get } from '../../support/raw-client.js';
import { eventually, newServer, startServer } from '../../support/test-server.js';

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

const open = ({ response }: { response: { send(body: unknown): unknown } }): unknown => response.send('here');

describe('Listening', () => {
  it('port 0 takes a free port, each server its own, and tells it', async (t) => {
    const servers = [await startServer(open), await startServer(open)];
    t.after(() => Promise.all(servers.map((server) => server.stop())));
    assert.notEqual(servers[0]?.port, servers[1]?.port);
    for (const { port, url } of servers) {
      assert.ok(port > 0);
      assert.equal(url, `http://127.0.0.1:${port}/`);
      assert.equal((await ask(port, get('/'))).text, 'here');
    }
  });

  for (const [host, connect, shown] of [
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['0.0.0.0', '127.0.0.1', 'localhost'],
    ['localhost', 'localhost', 'localhost'],
    ...(hasIPv6
      ? ([
          ['::1', '::1', '[::1]'],
          ['::', '::1', 'localhost'],
          ['::', '127.0.0.1', 'localhost'],
        ] as const)
      : []),
  ] as const)
    it(`on ${host}, reached by ${connect}, shown as ${shown}`, async (t) => {
      const server = await startServer(open, { address: { host, port: 0 } });
      t.after(() => server.stop());
      assert.equal(server.url, `http://${shown}:${server.port}/`);
      const client = await RawClient.open(server.port, { host: connect });
      assert.equal((await client.send(get('/')).response()).text, 'here');
      client.destroy();
    });

  it('an IPv4 client of a dual-stack socket has a plain address', async (t) => {
    const server = await startServer(({ request, response }) => response.send(request.ip), {
      address: { host: hasIPv6 ? '::' : '0.0.0.0', port: 0 },
    });
    t.after(() => server.stop());
    assert.equal((await ask(server.port, get('/'))).text, '127.0.0.1');
  });

  it('T77 a port in use is an error with what to do, in words and as a code', async (t) => {
    const first = await startServer(open);
    t.after(() => first.stop());
    const second = newServer({ address: { host: '127.0.0.1', port: first.port } });
    const states: ServerState[] = [];
    second.on('state', (state: ServerState) => states.push(state));
    await assert.rejects(second.start(), {
      code: 'PORT_IN_USE',
      message: `Port ${first.port} is already in use on 127.0.0.1. Stop the other program or choose another port; trying again every 5 seconds.`,
    });
    assert.deepEqual([second.state.state, second.state.url, second.state.error?.code], ['failed', '', 'PORT_IN_USE']);
    assert.deepEqual(
      states.map(({ state }) => state),
      ['failed'],
    );
    await second.stop();
    assert.equal(second.state.state, 'stopped');
  });

  it('T77 an address this machine does not have is an error with what to do', async () => {
    for (const host of ['192.0.2.1', 'no-such-host.invalid']) {
      const server = newServer({ address: { host, port: 0 } });
      await assert.rejects(server.start(), (error: { code: string; message: string }) => {
        assert.equal(error.code, 'LISTEN_FAILED');
        assert.ok(error.message.includes(host), error.message);
        return true;
      });
      await server.stop();
    }
  });

  it('T77 is tried again until the port is free', async (t) => {
    const blocker = http.createServer().listen(0, '127.0.0.1');
    await new Promise((done) => blocker.once('listening', done));
    const { port } = blocker.address() as net.AddressInfo;
    const server = newServer({ address: { host: '127.0.0.1', port } });
    t.after(() => server.stop());
    await server.start({ retry: true });
    assert.equal(server.state.state, 'failed');
    await new Promise((done) => blocker.close(done));
    await eventually('the port', () => server.state.state === 'listening', 15_000);
    assert.equal(server.state.error, undefined);
  });

  it('T77 stop ends the trying', async (t) => {
    const first = await startServer(open);
    t.after(() => first.stop());
    const second = newServer({ address: { host: '127.0.0.1', port: first.port } });
    await second.start({ retry: true });
    await second.stop();
    assert.equal(second.state.state, 'stopped');
  });

  it('can stop and start again on the same port, and start twice is once', async () => {
    const server = await startServer(open);
    const { port } = server;
    await server.server.start();
    await server.stop();
    await assert.rejects(ask(port, get('/')));
    const again = newServer({ address: { host: '127.0.0.1', port } });
    await again.start();
    await again.stop();
    await again.stop();
    assert.deepEqual([again.state.state, again.state.port], ['stopped', port]);
  });
});

describe('Stopping', () => {
  it('refuses what waits with 503, lets what has begun end, and closes', async () => {
    const pending: (() => void)[] = [];
    const server = await startServer(({ request, response }) => {
      if (request.url === '/begun') {
        response.write('begun ');
        pending.push(() => response.end('and ended'));
      }
    });
    const [begun, waiting, idle] = [
      await RawClient.open(server.port),
      await RawClient.open(server.port),
      await RawClient.open(server.port),
    ];
    begun.send(get('/begun'));
    waiting.send(get('/waiting'));
    await eventually('both requests', () => server.server.counts.requests === 2);
    const stopped = server.stop();
    const refused = await waiting.response();
    assert.deepEqual([refused.status, refused.get('connection')], [503, 'close']);
    assert.ok(Number(refused.get('retry-after')) > 0);
    for (const end of pending) end();
    assert.equal((await begun.response()).text, 'begun and ended');
    await stopped;
    for (const client of [begun, waiting, idle]) assert.equal(await client.closed(), '');
  });

  it('does not wait for ever for an answer that does not end', async () => {
    const server = await startServer(({ response }) => response.write('for ever'), { limits: { drainTimeout: 1 } });
    const client = await RawClient.open(server.port);
    client.send(get('/'));
    await client.until((pending) => pending.includes('for ever'));
    const begun = performance.now();
    await server.stop();
    assert.ok(performance.now() - begun < 10_000);
    await client.closed();
  });
});
