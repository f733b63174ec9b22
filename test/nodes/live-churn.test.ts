/**
 * Clients that come, leave and break, through a flow, with counts that add up; and clients that do not read.
 * LIVE_CHURN_SECONDS says how long (default 10).
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

const seconds = Number(process.env['LIVE_CHURN_SECONDS'] ?? 10);
const mega = 1_000_000;

/** Counts what happens, by its kind. */
const count = (kind: string): string =>
  `const counts = global.get('counts') || {}; const kind = ${kind}; counts[kind] = (counts[kind] || 0) + 1; global.set('counts', counts);`;

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    ...{ id: 'route', type: 'route', otherwise: '404', outputs: 5 },
    rules: [
      { path: '/ws' },
      { path: '/events' },
      { path: '/counts' },
      { methods: ['POST'], path: '/flood' },
      { path: '/big' },
    ],
    wires: [['ws'], ['sse'], ['counts'], ['flood'], ['big']],
  },
  {
    ...{ id: 'ws', type: 'websocket-in', server: 'server', heartbeat: 1 },
    wires: [['count-message', 'out'], ['count-socket']],
  },
  { id: 'count-message', type: 'function', func: count("'message'"), wires: [[]] },
  { id: 'count-socket', type: 'function', func: count("'socket ' + msg.payload.event"), wires: [[]] },
  { id: 'out', type: 'websocket-out', server: 'server' },
  {
    ...{ id: 'sse', type: 'sse-out', server: 'server', channel: 'numbers', replay: 5000, heartbeat: 1 },
    wires: [['count-stream']],
  },
  {
    ...{ id: 'count-stream', type: 'function', wires: [[]] },
    func: count("'stream ' + msg.payload.event + (msg.payload.reason === 'too slow' ? ' too slow' : '')"),
  },
  { id: 'tick', type: 'inject', repeat: '0.01', once: true, props: [{ p: 'payload' }], wires: [['number']] },
  {
    ...{ id: 'number', type: 'function', wires: [['sse']] },
    func: "const next = (context.get('next') || 0) + 1; context.set('next', next); return { payload: next, id: next };",
  },
  // /flood publishes 1 MB of events and 1 MB of messages, to clients of which some do not read
  { id: 'big', type: 'websocket-in', server: 'server', channel: 'big', heartbeat: 0, wires: [[], ['count-big']] },
  { id: 'count-big', type: 'function', func: count("'big ' + (msg.payload.code ?? msg.payload.event)"), wires: [[]] },
  {
    ...{ id: 'flood', type: 'function', outputs: 3, wires: [['big-sse'], ['big-out'], ['end']] },
    func: `for (let count = 0; count < 10; count += 1)
  node.send([{ payload: String(count).padEnd(100000, 'x') }, { payload: Buffer.alloc(100000, count) }, null]);
msg.payload = 'ok';
return [null, null, msg];`,
  },
  { id: 'big-sse', type: 'sse-out', server: 'server', channel: 'numbers', wires: [[]] },
  { id: 'big-out', type: 'websocket-out', server: 'server', channel: 'big' },
  { id: 'counts', type: 'function', func: "msg.payload = global.get('counts') || {}; return msg;", wires: [['end']] },
  { id: 'end', type: 'http-server-response' },
];

let flow: LiveFlow;
before(async () => {
  flow = await LiveFlow.start(nodes);
});
after(() => flow.stop());

const counts = async (): Promise<Record<string, number>> =>
  (await (await flow.get('/counts')).json()) as Record<string, number>;

/** Resident bytes of the Node-RED process, as it says itself. */
async function resident(): Promise<number> {
  const report = (await (await flow.nodeRed.admin('/diagnostics')).json()) as {
    nodejs: { memoryUsage: { rss: number } };
  };
  return report.nodejs.memoryUsage.rss;
}

/** One WebSocket's life: says so many things, gets each back once and in order, and goes in one of three ways. */
async function socketLife(seed: number): Promise<number> {
  const client = new WebSocket(`ws://127.0.0.1:${flow.port}/ws`);
  client.on('error', () => undefined);
  const closed = new Promise((done) => client.once('close', done));
  await new Promise((done) => client.once('open', done));
  const messages = 1 + (seed % 40);
  let back = 0;
  client.on('message', (data: Buffer) => {
    assert.equal(data.toString(), `${seed} ${back}`);
    back += 1;
  });
  for (let index = 0; index < messages; index += 1) client.send(`${seed} ${index}`);
  await waitFor('its echoes', () => back === messages);
  if (seed % 3 === 0) client.terminate();
  else client.close(seed % 3 === 1 ? 1000 : 4000);
  await closed;
  return messages;
}

/** One event stream's life in several connections: sees every number after its first, once and in order. */
async function streamLife(seed: number, until: number): Promise<{ connections: number; seen: number }> {
  let last = 0;
  let seen = 0;
  let connections = 0;
  do {
    const headers = last === 0 ? {} : { 'Last-Event-ID': String(last) };
    const response = await new Promise<http.IncomingMessage>((done, fail) => {
      http.get(flow.url('/events'), { headers, agent: false }, done).on('error', fail);
    });
    connections += 1;
    let text = '';
    response.setEncoding('utf8').on('error', () => undefined);
    response.on('data', (chunk: string) => {
      text += chunk;
      const end = text.lastIndexOf('\n\n');
      if (end < 0) return;
      for (const [, number] of text.slice(0, end).matchAll(/^data: (\d+)$/gm)) {
        if (last > 0) assert.equal(Number(number), last + 1, 'none lost, none doubled');
        last = Number(number);
        seen += 1;
      }
      text = text.slice(end + 2);
    });
    await sleep(50 + ((seed * 131 + connections * 71) % 400));
    response.destroy();
  } while (Date.now() < until);
  return { connections, seen };
}

describe('clients that come, leave and break', () => {
  it('every message arrives once and in order, every client comes once and leaves once', async () => {
    const until = Date.now() + seconds * 1000;
    let sockets = 0;
    let messages = 0;
    const talk = async (worker: number): Promise<void> => {
      for (let round = 0; Date.now() < until; round += 1) {
        const said = await socketLife(worker * 7 + round);
        messages += said;
        sockets += 1;
      }
    };
    const streams = await Promise.all([
      Promise.all(Array.from({ length: 20 }, (_, seed) => streamLife(seed, until))),
      Promise.all(Array.from({ length: 20 }, (_, worker) => talk(worker))),
    ]).then(([lives]) => lives);
    const connections = streams.reduce((sum, life) => sum + life.connections, 0);
    assert.ok(streams.every(({ seen }) => seen > 0));
    const expected = {
      message: messages,
      'socket connect': sockets,
      'socket disconnect': sockets,
      'stream connect': connections,
      'stream disconnect': connections,
    };
    await waitFor('the last leave', async () => {
      const seen = await counts();
      return seen['socket disconnect'] === sockets && seen['stream disconnect'] === connections;
    });
    assert.deepEqual(await counts(), expected);
    assert.deepEqual(await flow.caught(), []);
  });

  it('T72 T75 clients that read nothing are closed and told of; memory stays what it was, readers get everything', async (t) => {
    const before = await counts();
    const silent = ['/events', '/big'].map((path) => {
      const socket = connect(flow.port, '127.0.0.1').on('error', () => undefined);
      const upgrade =
        path === '/big'
          ? 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
          : '';
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`);
      return socket.pause();
    });
    const reader = new WebSocket(`ws://127.0.0.1:${flow.port}/big`);
    let received = 0;
    reader.on('message', (data: Buffer) => (received += data.length));
    await new Promise((done) => reader.once('open', done));
    await waitFor('the silent ones', async () => (await counts())['big connect'] === 2);
    // A megabyte to each channel a round. What nobody holds any more is collected late: 100 to 170 MB, however much is published.
    const rounds = 200;
    const start = await resident();
    let most = start;
    for (let round = 1; round <= rounds; round += 1) {
      assert.equal((await flow.get('/flood', { method: 'POST' })).status, 200);
      await waitFor('everything for the reader', () => received === round * mega);
      most = Math.max(most, await resident());
    }
    const after = await waitFor('the ends', async () => {
      const seen = await counts();
      return seen['big 1013'] !== undefined && seen['stream disconnect too slow'] !== undefined && seen;
    });
    assert.equal(after['stream disconnect too slow'], 1);
    assert.equal(after['stream disconnect'], before['stream disconnect']);
    const growth = `${Math.round((most - start) / mega)} MB more while ${2 * rounds} MB were published`;
    assert.ok(most - start < 250 * mega, growth);
    t.diagnostic(growth);
    reader.terminate();
    for (const socket of silent) socket.destroy();
  });
});
