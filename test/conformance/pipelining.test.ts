import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../../src/index.js';
import { RawClient, get, post, requestText } from '../support/raw-client.js';
import { type TestServer, type TestSettings, eventually, startServer } from '../support/test-server.js';

const webSocket = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

function readlinkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** A server whose requests wait until the test answers them. */
async function waiting(settings: TestSettings = {}): Promise<{ server: TestServer; pending: Exchange[] }> {
  const pending: Exchange[] = [];
  return { server: await startServer((exchange) => pending.push(exchange), settings), pending };
}

/** Answers the oldest waiting request with its address. */
function answer(pending: Exchange[]): void {
  const exchange = pending.shift();
  exchange?.response.send(exchange.request.url);
}

describe('What is pipelined behind an unanswered request', () => {
  it('T65 an upgrade waits for the answer before it, then reaches the flow, and the process lives', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/first') + requestText('GET', '/ws', webSocket));
    await eventually('the first request', () => pending.length === 1);
    answer(pending);
    assert.equal((await client.response()).text, '/first');
    await eventually('the upgrade', () => pending.length === 1);
    assert.equal(pending[0]?.request.upgrade, true);
    answer(pending);
    const refused = await client.response();
    assert.deepEqual([refused.text, refused.get('connection')], ['/ws', 'close']);
    assert.equal(await client.closed(), '');
  });

  it('T65 an upgrade whose client leaves while it waits ends quietly', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/first') + requestText('GET', '/ws', webSocket));
    await eventually('the first request', () => pending.length === 1);
    client.socket.resetAndDestroy();
    await eventually('the end of it', () => server.server.counts.requests === 0);
    assert.equal(pending.length, 1, 'the upgrade never reached the flow');
  });

  it('T65 an upgrade whose client is gone without a reset ends just so, and so does what was before it', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    for (const last of [requestText('GET', '/ws', webSocket), 'CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n']) {
      const client = await RawClient.open(server.port);
      client.send(get('/first') + last);
      await eventually('the first request', () => pending.length === 1);
      client.destroy();
      await eventually('the end of it', () => server.server.counts.requests === 0);
      assert.equal(pending.shift()?.result, 'aborted');
    }
  });

  it('T65 a request with Upgrade: h2c is served in its place, and so is what follows', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/1') + get('/2', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c') + get('/3'));
    await eventually('the first request', () => pending.length === 1);
    answer(pending);
    await eventually('the others', () => pending.length === 2);
    pending.reverse();
    answer(pending);
    answer(pending);
    const answers = await client.responses(3);
    client.destroy();
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['/1', '/2', '/3'],
    );
  });

  it('T65 any number of requests with Upgrade: h2c leave nothing on their connection', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'));
    const warnings: string[] = [];
    const warn = ({ message }: Error): unknown => warnings.push(message);
    process.on('warning', warn);
    t.after(() => {
      process.off('warning', warn);
      return server.stop();
    });
    const client = await RawClient.open(server.port);
    for (let left = 30; left > 0; left -= 1) {
      client.send(get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'));
      assert.equal((await client.response()).status, 200);
    }
    client.destroy();
    assert.deepEqual(warnings, []);
  });

  it('T06 a CONNECT gets its 405 after the answer before it', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(`${get('/first')}CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n`);
    await eventually('the first request', () => pending.length === 1);
    answer(pending);
    const [first, second] = await client.responses(2);
    assert.equal(first?.text, '/first');
    assert.equal(second?.status, 405);
    assert.match(second.get('allow') ?? '', /GET/);
    assert.equal(await client.closed(), '');
  });

  it('T28 is over for the flow when the client leaves: nothing is kept of it', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/1') + get('/2') + get('/3'));
    await eventually('all requests', () => pending.length === 3);
    let cleanups = 0;
    const told: (string | undefined)[] = [];
    for (const exchange of pending) {
      exchange.onEnd(() => {
        cleanups += 1;
      });
      exchange.response.on('close', () => told.push(exchange.request.url));
    }
    client.destroy();
    await eventually('the end of all', () => cleanups === 3 && told.length === 3);
    assert.deepEqual(told.sort(), ['/1', '/2', '/3']);
    assert.ok(pending.every(({ response }) => response.destroyed));
    assert.equal(server.server.counts.requests, 0);
    assert.deepEqual(
      pending.map(({ request, result }) => [(request as { aborted?: boolean }).aborted, result]),
      pending.map(() => [true, 'aborted']),
    );
  });

  it('T36 files that wait behind an answer are closed when the client leaves', async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'pipelining-'));
    writeFileSync(join(root, 'big.bin'), Buffer.alloc(8 * 1024 * 1024));
    const server = await startServer([], { rootPath: root });
    t.after(async () => {
      await server.stop();
      rmSync(root, { recursive: true });
    });
    const files = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => readlinkOf(`/proc/self/fd/${fd}`).startsWith(root)).length;
    const client = await RawClient.open(server.port);
    client.socket.pause();
    client.send(get('/big.bin').repeat(20));
    await eventually('the files', () => files() >= 8);
    client.destroy();
    await eventually('no file', () => files() === 0);
  });

  it('T28 is over for the flow when an answer before it closes the connection', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/1') + get('/2'));
    await eventually('both requests', () => pending.length === 2);
    pending[0]?.response.setHeader('Connection', 'close');
    answer(pending);
    assert.equal((await client.response()).text, '/1');
    assert.equal(await client.closed(), '');
    await eventually('the end of the second', () => server.server.counts.requests === 0);
  });
});

describe('Requests a client pipelines in any number', () => {
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `/${index}`);
  const many = (count: number): string =>
    numbers(count)
      .map((path) => get(path))
      .join('');

  it('T15 are worked on eight at a time, the rest is not even read, and all are answered in order', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const count = 2000;
    const padding = `X-Padding: ${'x'.repeat(200)}`;
    client.send(
      numbers(count)
        .map((path) => get(path, padding))
        .join(''),
    );
    await eventually('the first', () => pending.length === 8);
    await sleep(100);
    assert.equal(pending.length, 8);
    assert.ok(server.server.counts.requests < 1000, `${server.server.counts.requests} of ${count} were read`);
    let most = 0;
    for (let left = count; left > 0; left -= 1) {
      await eventually('the next', () => pending.length > 0);
      most = Math.max(most, pending.length);
      answer(pending);
      if (left % 10 === 0) await sleep(0);
    }
    assert.ok(most <= 8, `${most} at once`);
    assert.deepEqual(
      (await client.responses(count)).map(({ text }) => text),
      numbers(count),
    );
    client.destroy();
  });

  it('T15 may end in one whose body comes late', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    const last = post('/last', 'the body');
    client.send(many(200) + last.slice(0, -4));
    for (let left = 200; left > 0; left -= 1) {
      await eventually('the next', () => pending.length > 0);
      answer(pending);
    }
    await client.responses(200);
    client.send(last.slice(-4));
    await eventually('the last', () => pending.length === 1);
    assert.equal(String(pending[0]?.request.body), 'the body');
    answer(pending);
    assert.equal((await client.response()).text, '/last');
    client.destroy();
  });

  it('T15 T65 may end in an upgrade, and what is sent behind it is kept', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(many(200) + requestText('GET', '/ws', webSocket) + 'early');
    for (let left = 200; left > 0; left -= 1) {
      await eventually('the next', () => pending.length > 0);
      assert.equal(pending[0]?.request.upgrade, false);
      answer(pending);
    }
    await client.responses(200);
    client.send(' and late');
    await eventually('the upgrade', () => pending.length === 1);
    await sleep(50);
    const taken = pending[0]?.upgrade?.take();
    assert.equal(taken?.head.toString(), 'early and late');
    taken.socket.destroy();
  });

  it('T15 do not make the head behind them late', async (t) => {
    const { server, pending } = await waiting({ limits: { headersTimeout: 1 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(many(200) + get('/last').slice(0, -4));
    await eventually('the first', () => pending.length === 8);
    await sleep(2500);
    for (let left = 200; left > 0; left -= 1) {
      await eventually('the next', () => pending.length > 0);
      answer(pending);
    }
    await client.responses(200);
    client.send('\r\n\r\n');
    await eventually('the last', () => pending.length === 1);
    answer(pending);
    assert.equal((await client.response()).text, '/last');
    client.destroy();
  });

  it('T15 T28 are over when the client leaves, those that waited never reach the flow', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(many(50));
    await eventually('all', () => server.server.counts.requests === 50);
    client.destroy();
    await eventually('the end of all', () => server.server.counts.requests === 0);
    assert.equal(pending.length, 8);
  });

  it('T15 are refused to the client that sends more than the server keeps; others are served', async (t) => {
    const { server, pending } = await waiting({ limits: { maxPipelineQueue: 50 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(many(100));
    assert.equal(await client.closed(), '');
    await eventually('the end of all', () => server.server.counts.requests === 0);
    pending.length = 0;
    const other = await RawClient.open(server.port);
    other.send(many(58));
    for (let left = 58; left > 0; left -= 1) {
      await eventually('the next', () => pending.length > 0);
      answer(pending);
    }
    assert.equal((await other.responses(58)).length, 58);
    other.destroy();
  });

  it('T15 are refused like others when the server stops', async (t) => {
    const { server, pending } = await waiting();
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(many(50));
    await eventually('the first', () => pending.length === 8);
    const stopped = server.stop();
    assert.equal((await client.response()).status, 503);
    await stopped;
    await eventually('the end of all', () => server.server.counts.requests === 0);
    assert.equal(pending.length, 8);
  });
});

describe('What is pipelined behind the last answer of a connection', () => {
  /** Sends without end; resolves with the bytes that were taken in until nothing more was, or the connection ended. */
  async function flood(port: number, first: string): Promise<number> {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(first);
    const more = get('/more', `X-Padding: ${'x'.repeat(1000)}`).repeat(100);
    const until = Date.now() + 1500;
    const write = (): void => {
      while (!socket.destroyed && Date.now() < until && socket.write(more));
    };
    socket.on('drain', write).resume();
    write();
    await sleep(1600);
    socket.destroy();
    return socket.bytesWritten - socket.writableLength;
  }

  it('T15 is not taken in without end while that answer is still being sent', async (t) => {
    let requests = 0;
    const server = await startServer(({ response }) => {
      requests += 1;
      response.writeHead(200);
      response.write('never ends');
    });
    t.after(() => server.stop());
    const taken = await flood(server.port, get('/', 'Connection: close'));
    assert.equal(requests, 1);
    assert.ok(taken < 16 * 1024 * 1024, `${taken} bytes`);
  });

  it('T14 T15 is not taken in without end on a connection that was refused', async (t) => {
    const server = await startServer(({ response }) => response.send('ok'), { limits: { maxConnections: 1 } });
    t.after(() => server.stop());
    const first = await RawClient.open(server.port);
    await first.send(get('/')).response();
    const taken = await flood(server.port, '');
    assert.ok(taken < 16 * 1024 * 1024, `${taken} bytes`);
    first.destroy();
  });

  const cases: readonly (readonly [what: string, first: string, settings: TestSettings, status: number])[] = [
    ['one the flow ends with Connection: close', get('/close'), {}, 200],
    ['a refused body', post('/', 'longer than allowed'), { limits: { bodyLimit: 5 } }, 413],
    ['a head that is malformed', 'GET / HTTP/1.1\r\n\r\n', {}, 400],
  ];
  for (const [what, first, settings, status] of cases)
    it(`T15 reaches no flow: ${what}`, async (t) => {
      const seen: string[] = [];
      const server = await startServer(({ request, response }) => {
        seen.push(request.url ?? '');
        response.set('Connection', 'Close').send('last');
      }, settings);
      t.after(() => server.stop());
      const client = await RawClient.open(server.port);
      client.send(first + get('/never') + post('/never', 'x'));
      assert.equal((await client.response()).status, status);
      assert.equal(await client.closed(), '');
      assert.ok(!seen.includes('/never'));
    });
});

describe('maxRequestsPerSocket', () => {
  it('T15 closes the connection after so many answers; what is pipelined behind is not served', async (t) => {
    const { server, pending } = await waiting({ limits: { maxRequestsPerSocket: 2 } });
    t.after(() => server.stop());
    const client = await RawClient.open(server.port);
    client.send(get('/1') + get('/2') + get('/3') + get('/4'));
    await eventually('two requests', () => pending.length === 2);
    answer(pending);
    answer(pending);
    const answers = await client.responses(2);
    assert.deepEqual(
      answers.map((one) => [one.text, one.get('connection')]),
      [
        ['/1', 'keep-alive'],
        ['/2', 'close'],
      ],
    );
    assert.equal(await client.closed(), '');
    assert.equal(pending.length, 0);
    assert.equal(server.server.counts.requests, 0);
  });

  it('T15 counts each connection for itself, and 0 is no limit', async (t) => {
    for (const [limit, expected] of [
      [1, 'close'],
      [0, 'keep-alive'],
    ] as const) {
      const { server, pending } = await waiting({ limits: { maxRequestsPerSocket: limit } });
      t.after(() => server.stop());
      for (const path of ['/a', '/b']) {
        const client = await RawClient.open(server.port);
        client.send(get(path));
        await eventually('the request', () => pending.length === 1);
        answer(pending);
        assert.equal((await client.response()).get('connection'), expected);
        client.destroy();
      }
    }
  });
});
