import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../../../src/index.js';
import { RawClient, get, post } from '../../support/raw-client.js';
import { eventually, startServer } from '../../support/test-server.js';

/** Blocks the whole process, as a node that computes does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

describe('Timeouts', () => {
  it('T11 a head that does not come in time is answered 408 and closed, one that comes in pieces in time is served', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { headersTimeout: 1 } });
    t.after(() => server.stop());
    const began = performance.now();
    const slow = await RawClient.open(server.port);
    const quick = await RawClient.open(server.port);
    slow.send('GET / HTTP/1.1\r\nHost: test\r\nX-Slow: ');
    await quick.sendApart(get('/').split(/(?<=\n)/), 50);
    assert.equal((await quick.response()).status, 200);
    const drip = setInterval(() => slow.send('x'), 100);
    const answer = await slow.response();
    clearInterval(drip);
    assert.equal(answer.status, 408);
    assert.equal(answer.get('connection'), 'close');
    await slow.closed();
    assert.ok(seconds(began) > 0.9 && seconds(began) < 6, `after ${seconds(began)} s`);
    for (const client of [slow, quick]) client.destroy();
  });

  it('T11 a connection that says nothing is closed at headersTimeout, without a word', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { headersTimeout: 1 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    assert.equal(await client.closed(), '');
    await eventually('no connection', () => server.server.counts.connections === 0);
  });

  it('T12 a body slower than requestTimeout, or without progress, is answered 408 and reaches no flow', async (t) => {
    const seen: unknown[] = [];
    const server = await startServer(
      ({ request, response }) => {
        seen.push(request.body);
        response.send('ok');
      },
      { limits: { requestTimeout: 2, bodyProgressTimeout: 1 } },
    );
    t.after(() => server.stop());
    const head = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n';
    const [still, slow] = [await RawClient.open(server.port), await RawClient.open(server.port)];
    const began = performance.now();
    still.send(`${head}half`);
    slow.send(head);
    const drip = setInterval(() => slow.send('x'), 100);
    const stalled = await still.response();
    const afterStall = seconds(began);
    const late = await slow.response();
    clearInterval(drip);
    assert.deepEqual([stalled.status, late.status, seen], [408, 408, []]);
    assert.ok(afterStall < seconds(began), 'each by its own limit');
    await Promise.all([still.closed(), slow.closed()]);
  });

  it('T12 a body that a flow reads as a stream is late like any other, whether it is answered or not', async (t) => {
    const seen: string[] = [];
    const entry = {
      body: { mode: 'stream' },
      handle({ request, response }: Exchange): void {
        seen.push(request.url ?? '');
        if (request.url === '/answered') response.send('too early');
        else request.resume();
      },
    } as const;
    const limits = { requestTimeout: 2, bodyProgressTimeout: 1, keepAliveTimeout: 20 };
    const server = await startServer([entry], { limits });
    t.after(() => server.stop());
    const open = async (path: string): Promise<RawClient> =>
      (await RawClient.open(server.port)).send(post(path, 'x'.repeat(1000)).slice(0, -900));
    const began = performance.now();
    const answered = await open('/answered');
    const slow = await open('/slow');
    const stalled = await open('/stalled');
    const drip = setInterval(() => [answered, slow].map((client) => client.send('x')), 100);
    assert.equal((await stalled.response()).status, 408);
    const afterStall = seconds(began);
    assert.equal((await slow.response()).status, 408);
    assert.equal((await answered.response()).text, 'too early');
    await Promise.all([answered, slow, stalled].map((client) => client.closed()));
    clearInterval(drip);
    assert.ok(afterStall < 1.9 && seconds(began) > 1.9 && seconds(began) < 6, `${afterStall}, ${seconds(began)} s`);
    await eventually('no connection', () => server.server.counts.connections === 0);
    assert.deepEqual(seen, ['/answered', '/slow', '/stalled']);
  });

  it('T16 an idle connection is closed at keepAliveTimeout, one that is used is not', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { keepAliveTimeout: 1 } });
    t.after(() => server.stop());
    const idle = await RawClient.open(server.port);
    const used = await RawClient.open(server.port);
    const first = await idle.send(get('/')).response();
    assert.equal(first.get('keep-alive'), 'timeout=1');
    const began = performance.now();
    for (let left = 8; left > 0; left -= 1) {
      assert.equal((await used.send(get('/')).response()).status, 200);
      await sleep(300);
    }
    await idle.closed();
    assert.ok(seconds(began) > 0.9);
    used.destroy();
  });

  it('T16 line ends do not keep an idle connection', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), {
      limits: { keepAliveTimeout: 1, headersTimeout: 1 },
    });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    assert.equal((await client.send(get('/')).response()).status, 200);
    const drip = setInterval(() => client.send('\r\n'), 200);
    t.after(() => clearInterval(drip));
    await client.closed();
    await eventually('no connection', () => server.server.counts.connections === 0);
  });

  it('T16 a keepAliveTimeout that changes takes effect on connections that are open', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { keepAliveTimeout: 60 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    await client.send(get('/')).response();
    const { settings } = server.server;
    server.server.configure({ ...settings, limits: { ...settings.limits, keepAliveTimeout: 1 } }, undefined);
    await client.send(get('/')).response();
    await client.closed();
  });

  it('T46 a silent handler is answered 504 once, at responseTimeout; with 0 it may take its time', async (t) => {
    const server = await startServer(() => undefined, { limits: { responseTimeout: 1 } });
    t.after(() => server.stop());
    const results: string[] = [];
    server.server.on('record', ({ result }) => results.push(String(result)));
    const client = await RawClient.open(server.port);
    const began = performance.now();
    assert.equal((await client.send(get('/')).response()).status, 504);
    assert.ok(seconds(began) >= 0.7 && seconds(began) < 6, `after ${seconds(began)} s`);
    assert.deepEqual(results, ['no-response']);
    assert.equal(server.server.counts.requests, 0);
    const { settings } = server.server;
    server.server.configure({ ...settings, limits: { ...settings.limits, responseTimeout: 0 } }, undefined);
    client.send(get('/'));
    await sleep(1800);
    assert.equal(server.server.counts.requests, 1);
    client.destroy();
  });

  it('T83 a process that stands still for longer than a timeout ends no connection for it', async (t) => {
    const server = await startServer(
      [
        { path: '/wait', handle: ({ response }) => setTimeout(() => response.send('waited'), 2600) },
        { handle: ({ request, response }) => response.send(String(request.body ?? 'ok')) },
      ],
      {
        limits: { headersTimeout: 1, keepAliveTimeout: 1, responseTimeout: 2, bodyProgressTimeout: 1, sendTimeout: 1 },
      },
    );
    t.after(() => server.stop());
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(server.port)));
    const [waiting, head, body, ...idle] = clients;
    for (const client of idle) assert.equal((await client.send(get('/')).response()).status, 200);
    waiting?.send(get('/wait'));
    head?.send('GET / HTTP/1.1\r\n');
    body?.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nha');
    await sleep(400);
    // What is sent now lies in the sockets until the process moves again.
    for (const client of idle) client.send(get('/'));
    head?.send('Host: test\r\n\r\n');
    body?.send('lf');
    block(2000);
    const answers = await Promise.all(clients.map((client) => client.response()));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(answers[2]?.text, 'half');
    for (const client of clients) client.destroy();
  });

  it('T87 deadlines follow a monotonic clock: the time of day may jump', async (t) => {
    const realNow = Date.now;
    t.after(() => {
      Date.now = realNow;
    });
    const server = await startServer(() => undefined, { limits: { responseTimeout: 1, requestTimeout: 5 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(post('/', 'x'));
    await eventually('the request', () => server.server.counts.requests === 1);
    Date.now = () => realNow() + 86_400_000;
    await sleep(400);
    assert.equal(server.server.counts.requests, 1, 'a day forward ends nothing');
    Date.now = () => realNow() - 86_400_000;
    assert.equal((await client.response()).status, 504, 'a day back delays nothing');
    client.destroy();
  });
});
