import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventClient, SocketClient } from '../support/live-client.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, newUserDir } from '../support/node-red.js';
import { RawClient, get, post } from '../support/raw-client.js';
import { addSlowCloseNode } from '../support/slow-close-node.js';
import { waitFor } from '../support/wait-for.js';

/** Two tabs of one server; `version` is what a restarted flow answers, a request for /…/late only from version 2 on. */
function flowNodes(version: number, { slow = 0, tabB = 1 }: { slow?: number; tabB?: number } = {}): Flow {
  return [
    ...tab('a', 'tab', version),
    { id: 'tab-b', type: 'tab', label: 'b' },
    ...tab('b', 'tab-b', tabB),
    { id: 'events-in', type: 'http-server-in', server: 'server', path: '/events', wires: [['events']] },
    { id: 'events', type: 'sse-out', server: 'server', replay: 100, wires: [['event-log']] },
    { id: 'event-log', type: 'function', func: log('events'), wires: [[]] },
    { id: 'ws-in', type: 'http-server-in', server: 'server', path: '/ws', methods: ['WEBSOCKET'], wires: [['ws']] },
    { id: 'ws', type: 'websocket-in', server: 'server', wires: [['ws-echo'], ['ws-log']] },
    {
      id: 'ws-echo',
      type: 'function',
      func: `msg.payload = ${version} + msg.payload; return msg;`,
      wires: [['ws-out']],
    },
    { id: 'ws-out', type: 'websocket-out', server: 'server' },
    { id: 'ws-log', type: 'function', func: log('sockets'), wires: [[]] },
    { id: 'publish-in', type: 'http-server-in', server: 'server', path: '/publish', wires: [['publish']] },
    {
      id: 'publish',
      type: 'function',
      func: 'node.send([{ payload: msg.payload.text }, null]); return [null, msg];',
      outputs: 2,
      wires: [['events'], ['answer']],
    },
    { id: 'answer', type: 'http-server-response' },
    { id: 'log-in', type: 'http-server-in', server: 'server', path: '/log/<name>', wires: [['log']] },
    {
      id: 'log',
      type: 'function',
      func: 'msg.payload = global.get(msg.req.params.name) || []; return msg;',
      wires: [['answer']],
    },
    { id: 'slow', type: 'slow-close', wait: slow },
  ];
}

function tab(name: string, z: string, version: number): Flow {
  const nodes = [
    { id: 'in', type: 'http-server-in', server: 'server', path: `/${name}/....`, wires: [['mark']] },
    { id: 'mark', type: 'function', func: `${log('requests')} return msg;`, wires: [['route']] },
    {
      id: 'route',
      type: 'route',
      rules: [
        { path: `/${name}/echo`, methods: [] },
        { path: `/${name}/late`, methods: [] },
        { path: `/${name}/parts` },
        { path: `/${name}/stream` },
        { path: `/${name}/file` },
      ],
      otherwise: '404',
      outputs: 5,
      wires: [['version'], [version > 1 ? 'version' : 'lost'], ['parts'], ['stream'], ['file']],
    },
    {
      id: 'lost',
      type: 'function',
      func: "msg.res._res.setHeader('X-Old', '1'); msg.req.user = { name: 'old' };",
      wires: [[]],
    },
    {
      id: 'version',
      type: 'function',
      func: `msg.payload = { version: ${version}, user: msg.req.user, body: msg.req.body }; return msg;`,
      wires: [['out']],
    },
    { id: 'out', type: 'http-server-response' },
    { id: 'parts', type: 'http-server-response', mode: 'chunked' },
    {
      id: 'stream',
      type: 'function',
      func: 'msg.payload = (async function* () { for (let part = 0; part < 200; part += 1) yield Buffer.alloc(65536, part); })(); return msg;',
      wires: [['out']],
    },
    { id: 'file', type: 'file-response', filename: 'big.bin' },
  ];
  const own = (id: string): string => `${name}-${id}`;
  return nodes.map((node) => ({
    ...node,
    z,
    id: own(node.id),
    ...(node.wires && { wires: node.wires.map((wire) => wire.map(own)) }),
  }));
}

/** Keeps what passes: "path" of a request, "event" of a client. */
function log(name: string): string {
  return `const list = global.get('${name}') || []; list.push(msg.req ? msg.req.method + msg.req.path : msg.payload.event); global.set('${name}', list);`;
}

describe('Redeploy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redeploy-'));
  const big = Buffer.alloc(24 * 1024 * 1024, 'node-red');
  const settings = { rootPath: folder, responseTimeout: 3, keepAliveTimeout: 30 };
  let flow: LiveFlow;

  before(async () => {
    writeFileSync(join(folder, 'big.bin'), big);
    const userDir = newUserDir();
    addSlowCloseNode(userDir);
    flow = await LiveFlow.start(flowNodes(1), settings, { userDir });
  });
  after(async () => {
    await flow.stop();
    rmSync(folder, { recursive: true });
  });

  const deploy = (
    type: 'full' | 'flows' | 'nodes',
    version: number,
    { server = {}, ...more }: { slow?: number; tabB?: number; server?: Record<string, unknown> } = {},
  ): Promise<void> =>
    flow.nodeRed.deploy(LiveFlow.flows(flowNodes(version, more), flow.port, { ...settings, ...server }), type);
  const seen = async (name: string): Promise<string[]> => (await (await flow.get(`/log/${name}`)).json()) as string[];
  const count = async (request: string): Promise<number> =>
    (await seen('requests')).filter((one) => one === request).length;

  it('T76 a connection lives through full, flows and nodes deploys and is answered by the new flow with new headers', async () => {
    await deploy('full', 1);
    const client = await RawClient.open(flow.port);
    for (const [index, type] of (['full', 'flows', 'nodes'] as const).entries()) {
      await deploy(type, index + 2, { server: { headers: [{ name: 'X-Deploy', value: type }] } });
      const answer = await client.send(get('/a/echo')).response();
      assert.equal((JSON.parse(answer.text) as { version: number }).version, index + 2);
      assert.equal(answer.get('x-deploy'), type);
    }
    client.destroy();
  });

  for (const type of ['full', 'flows', 'nodes'] as const)
    it(`T76 files, streams, event streams and WebSockets go on through a ${type} deploy`, async () => {
      await deploy('full', 2);
      const connects = (await seen('events')).length + (await seen('sockets')).length;
      const [file, stream] = [new SlowDownload(flow.url('/a/file')), new SlowDownload(flow.url('/a/stream'))];
      const events = await EventClient.open(flow.url('/events'));
      const socket = await SocketClient.open(`ws://127.0.0.1:${flow.port}/ws`);
      await Promise.all([file.begun, stream.begun]);
      await deploy(type, 3, { slow: type === 'flows' ? 1 : 0 });
      await flow.get('/publish?text=after');
      assert.equal(await socket.ask('hello'), '3hello');
      await waitFor('the event', () => events.data.includes('after'));
      assert.equal(await file.hash(), createHash('sha1').update(big).digest('hex'));
      assert.equal((await stream.whole()).length, 200 * 65536);
      assert.deepEqual([socket.closed, events.ended], [undefined, false]);
      assert.equal((await seen('events')).length + (await seen('sockets')).length, connects + 2, 'no new connect');
      events.close();
      socket.ws.terminate();
      await waitFor('both to be gone', async () => (await seen('sockets')).at(-1) === 'disconnect');
    });

  it('T76 what arrives while the flows restart waits and is answered by the new flow', async () => {
    await deploy('full', 1, { slow: 800 });
    const socket = await SocketClient.open(`ws://127.0.0.1:${flow.port}/ws`);
    const client = await RawClient.open(flow.port);
    client.send('POST /a/echo HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhal');
    const from = flow.nodeRed.log.length;
    const deployed = deploy('full', 2);
    await flow.nodeRed.waitForLog(/Stopping flows/, 5000, from);
    socket.ws.send('x');
    client.send('ves');
    const answers = await Promise.all([
      flow.get('/a/echo'),
      flow.get('/b/echo', { method: 'POST', body: 'text', headers: { 'Content-Type': 'text/plain' } }),
      client.response(),
    ]);
    await deployed;
    assert.deepEqual(
      [await answers[0].json(), await answers[1].json(), JSON.parse((answers[2] as { text: string }).text)],
      [{ version: 2 }, { version: 1, body: 'text' }, { version: 2, body: 'halves' }],
    );
    await waitFor('the message', () => socket.messages[0] === '2x');
    socket.ws.terminate();
    client.destroy();
  });

  it('T76 after a full deploy an unanswered GET is handled once more, a POST gets 503 with Retry-After: 1', async () => {
    await deploy('full', 1);
    const [read, write, other] = [flow.get('/a/late'), flow.get('/a/late', { method: 'POST' }), flow.get('/b/late')];
    await waitFor(
      'all in the flow',
      async () => (await seen('requests')).filter((one) => one.includes('late')).length >= 3,
    );
    await deploy('full', 2, { tabB: 2 });
    const answer = await read;
    assert.deepEqual(await answer.json(), { version: 2 }, 'nothing of the old flow is left, its user neither');
    assert.equal(answer.headers.get('x-old'), null);
    assert.equal((await other).status, 200);
    const refused = await write;
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  });

  it('T76 after a flows deploy only the requests of restarted tabs are handled once more', async () => {
    await deploy('full', 1);
    const before = (await seen('requests')).length;
    const [read, write, other] = [flow.get('/a/late'), flow.get('/a/late', { method: 'POST' }), flow.get('/b/late')];
    await waitFor('all in the flow', async () => (await seen('requests')).length >= before + 3);
    await deploy('flows', 2);
    assert.deepEqual(await (await read).json(), { version: 2 });
    assert.equal((await write).status, 503);
    assert.equal((await other).status, 504, 'its message may still travel: only the deadline ends it');
  });

  it('T76 after a nodes deploy nothing is repeated; a lost message ends in 504', async () => {
    await deploy('full', 1);
    const before = await count('GET/a/late');
    const read = flow.get('/a/late');
    await waitFor('it in the flow', async () => (await count('GET/a/late')) > before);
    await deploy('nodes', 2);
    assert.equal((await read).status, 504);
    assert.equal(await count('GET/a/late'), before + 1);
  });

  it('T76 an answer written in parts by messages is cut', async () => {
    await deploy('full', 1);
    const client = await RawClient.open(flow.port);
    client.send(get('/a/parts'));
    await client.until((text) => text.includes('\r\n\r\n'));
    await deploy('full', 2);
    assert.ok(!(await client.closed()).endsWith('0\r\n\r\n'), 'the client can tell that it is not the whole');
  });

  it('T76 past 1,000 waiting requests the next gets 503 with Retry-After: 1', async () => {
    await deploy('full', 1, { slow: 2500 });
    // Of what a connection pipelines, eight requests are worked on at once: so many wait for the flow.
    const clients = await Promise.all(Array.from({ length: 126 }, () => RawClient.open(flow.port)));
    const from = flow.nodeRed.log.length;
    const deployed = deploy('full', 2);
    await flow.nodeRed.waitForLog(/Stopping flows/, 5000, from);
    const [last, ...full] = clients;
    for (const client of full) client.send(get('/a/echo').repeat(8));
    await waitFor('the queue to be full', async () => {
      const response = await flow.get('/a/echo', { signal: AbortSignal.timeout(300) }).catch(() => undefined);
      return response?.status === 503 && response.headers.get('retry-after') === '1';
    });
    last?.send(post('/a/echo', 'x'));
    assert.equal((await last?.response())?.status, 503);
    await deployed;
    const answers = (await Promise.all(full.map((client) => client.responses(8)))).flat();
    const statuses = new Map<number, number>();
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    assert.ok((statuses.get(200) ?? 0) >= 900, JSON.stringify([...statuses]));
    assert.equal((statuses.get(200) ?? 0) + (statuses.get(503) ?? 0), 1000);
    for (const client of clients) client.destroy();
  });
});

/** A download whose client reads only when it is told to. */
class SlowDownload {
  readonly begun: Promise<http.IncomingMessage>;

  constructor(url: string) {
    this.begun = new Promise((done, fail) => {
      http.get(url, { agent: false }, (response) => done(response.pause())).on('error', fail);
    });
  }

  async whole(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of await this.begun) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  async hash(): Promise<string> {
    return createHash('sha1')
      .update(await this.whole())
      .digest('hex');
  }
}
