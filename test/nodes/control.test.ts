import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { StatusView } from '../support/node-status.js';
import { RawClient, get } from '../support/raw-client.js';
import { waitFor } from '../support/wait-for.js';

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; list.push(msg.payload); global.set('${name}', list);`;

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    id: 'route',
    type: 'route',
    rules: ['/ok', '/silence', '/limited', '/state', '/odd', '/seen/<name>', '/copy'].map((path) => ({
      path,
      methods: [],
    })),
    otherwise: '404',
    outputs: 7,
    wires: [['out'], ['stall'], ['limit'], ['ask'], ['odd'], ['seen'], ['copy', 'copy-2']],
  },
  { id: 'out', type: 'http-server-response' },
  {
    id: 'stall',
    type: 'function',
    func: "if (msg.req.query.block) { const end = Date.now() + 400; while (Date.now() < end); msg.payload = 'blocked'; return msg; }",
    wires: [['out']],
  },
  { id: 'limit', type: 'rate-limit', limit: 1, window: 60, by: 'ip', wires: [['out']] },
  {
    id: 'ask',
    type: 'change',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'status', tot: 'str' }],
    wires: [['control']],
  },
  {
    id: 'odd',
    type: 'change',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'explode', tot: 'str' }],
    wires: [['control']],
  },
  {
    id: 'seen',
    type: 'function',
    func: 'msg.payload = global.get(msg.req.params.name) || []; return msg;',
    wires: [['out']],
  },
  { id: 'control', type: 'http-server-control', server: 'server', wires: [['states', 'answer-state'], ['records']] },
  { id: 'answer-state', type: 'switch', property: 'res', rules: [{ t: 'nnull' }], outputs: 1, wires: [['out']] },
  { id: 'states', type: 'function', func: keep('states'), wires: [[]] },
  { id: 'records', type: 'function', func: keep('records'), wires: [[]] },
  {
    id: 'copy',
    type: 'function',
    func: 'const copy = RED.util.cloneMessage(msg); msg.payload = { same: copy.req === msg.req && copy.res._res === msg.res._res, path: copy.req.path }; return [copy, msg];',
    outputs: 2,
    wires: [['copy-2'], ['out']],
  },
  { id: 'copy-2', type: 'function', func: 'return null;', wires: [[]] },
];

interface Finished {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ip: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ms: number;
  readonly result: string;
}

describe('http-server-control', () => {
  let flow: LiveFlow;

  before(async () => {
    const limits = { bodyLimit: '1kb', responseTimeout: 1, requestTimeout: 2, hosts: ['127.0.0.1', 'test'] };
    flow = await LiveFlow.start(nodes, limits);
  });
  after(() => flow.stop());

  const seen = async <T>(name: string): Promise<T[]> => (await (await flow.get(`/seen/${name}`)).json()) as T[];
  const recordOf = (path: string, result?: string): Promise<Finished> =>
    waitFor(`the record of ${path}`, async () =>
      (await seen<Finished>('records')).find((one) => one.path === path && (result ?? one.result) === one.result),
    );
  const head = (method: string, path: string, ...more: string[]): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: test', ...more, '', ''].join('\r\n');

  it('tells one record of each request, with what became of it', async () => {
    const client = await RawClient.open(flow.port);
    await client.send(get('/ok?secret=1')).response();
    const record = await recordOf('/ok');
    assert.deepEqual(
      [record.method, record.status, record.ip, record.result],
      ['GET', 200, '127.0.0.1', 'response-sent'],
    );
    assert.ok(record.bytesIn >= 40 && record.bytesOut >= 100 && record.ms >= 0);
    client.destroy();
  });

  it('tells "no-response" of a silent flow and "timed-out" of a request that does not come', async () => {
    assert.equal((await flow.get('/silence')).status, 504);
    const slow = await RawClient.open(flow.port);
    slow.send(head('POST', '/slow', 'Content-Type: text/plain', 'Content-Length: 10'));
    assert.equal((await slow.response()).status, 408);
    const [silent, late] = [await recordOf('/silence'), await recordOf('/slow')];
    assert.deepEqual([silent.status, silent.result, late.status, late.result], [504, 'no-response', 408, 'timed-out']);
    slow.destroy();
  });

  it('tells "aborted" of a client that leaves', async () => {
    const client = await RawClient.open(flow.port);
    client.send(get('/silence'));
    await new Promise((done) => setTimeout(done, 200));
    client.destroy();
    await recordOf('/silence', 'aborted');
  });

  it('tells "rejected" of what a limit refuses: a body, a rate, a host name, the length of the query', async () => {
    const big = await RawClient.open(flow.port);
    big.send(head('POST', '/big', 'Content-Type: text/plain', 'Content-Length: 5000'));
    assert.equal((await big.response()).status, 413);
    await flow.get('/limited');
    assert.equal((await flow.get('/limited')).status, 429);
    const foreign = await RawClient.open(flow.port);
    foreign.send('GET /foreign HTTP/1.1\r\nHost: elsewhere\r\n\r\n');
    assert.equal((await foreign.response()).status, 421);
    assert.equal((await flow.get(`/many?${'a&'.repeat(1001)}`)).status, 400);
    for (const path of ['/big', '/limited', '/foreign', '/many']) await recordOf(path, 'rejected');
    big.destroy();
    foreign.destroy();
  });

  it('answers "status" with the state and its health: a node that blocks shows as a stall', async () => {
    await flow.get('/state');
    assert.equal(await (await flow.get('/silence?block=1')).text(), 'blocked');
    const state = (await (await flow.get('/state')).json()) as Record<string, unknown>;
    const health = state['health'] as Record<string, number>;
    assert.deepEqual([state['state'], state['port'], state['error']], ['listening', flow.port, undefined]);
    assert.ok((health['longestStall'] ?? 0) >= 250, JSON.stringify(health));
    assert.ok((health['utilization'] ?? 2) <= 1 && (health['eventLoopDelay'] ?? -1) >= 0);
    assert.deepEqual([health['refused'], health['slowReaders']], [0, 0]);
  });

  it('an order it does not know is an error to catch', async () => {
    await flow.caught();
    assert.equal((await flow.get('/odd')).status, 500);
    const [error] = await flow.caught();
    assert.deepEqual([error?.source, error?.code], ['control', 'INVALID_PAYLOAD']);
    assert.match(error?.message ?? '', /"start", "stop", "restart" or "status"/);
  });

  it('T86 request and response survive the copies that Node-RED makes: they are the live ones on every output', async () => {
    assert.deepEqual(await (await flow.get('/copy')).json(), { same: true, path: '/copy' });
  });

  it('shows the state of the server', async (t) => {
    const view = await StatusView.open(flow.nodeRed);
    t.after(() => view.close());
    const shown = await view.until('control', /^http:\/\/127\.0\.0\.1:\d+/);
    assert.deepEqual([shown.fill, shown.shape], ['green', 'dot']);
  });
});

describe('A process with few descriptors', () => {
  it('T81 refuses connections with 503 before it has none left, shows it, serves the others and recovers', async (t) => {
    const flow = await LiveFlow.start(nodes, { headersTimeout: 60, keepAliveTimeout: 60 }, { openFiles: 256 });
    t.after(() => flow.stop());
    const view = await StatusView.open(flow.nodeRed);
    t.after(() => view.close());
    const early = await RawClient.open(flow.port);
    const clients = await Promise.all(Array.from({ length: 400 }, () => RawClient.open(flow.port)));
    assert.equal((await view.until('in', /too many connections/)).fill, 'red');
    assert.equal((await early.send(get('/ok')).response()).status, 200);
    await waitFor('a refusal', () => clients.some(({ received }) => received.startsWith('HTTP/1.1 503')));
    for (const client of clients) client.destroy();
    await waitFor('it to accept again', async () => (await flow.get('/ok').catch(() => undefined))?.status === 200);
    await waitFor('the error', async () => (await flow.caught()).some(({ code }) => code === 'NO_DESCRIPTORS'));
    early.destroy();
  });
});
