import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { EventClient, SocketClient } from '../support/live-client.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort } from '../support/node-red.js';
import { StatusView } from '../support/node-status.js';
import { RawClient, get, post } from '../support/raw-client.js';
import { refuses } from '../support/refuses.js';
import { waitFor } from '../support/wait-for.js';

/** A request, an event stream, a WebSocket, an answer in parts and silence on one server; nodes named after it. */
function onServer(server: string, more: Record<string, unknown> = {}): Flow {
  const own = (id: string): string => `${server}-${id}`;
  const nodes: Flow = [
    { id: 'in', type: 'http-server-in', wires: [['route']] },
    {
      id: 'route',
      type: 'route',
      rules: ['/hello', '/events', '/ws', '/parts', '/silence', '/control/<order>'].map((path) => ({
        path,
        methods: [],
      })),
      otherwise: '404',
      outputs: 6,
      wires: [['who'], ['events'], ['ws'], ['parts'], ['silence'], ['order']],
    },
    {
      id: 'who',
      type: 'change',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: server, tot: 'str' }],
      wires: [['out']],
    },
    { id: 'out', type: 'http-server-response' },
    { id: 'events', type: 'sse-out', wires: [[]] },
    { id: 'ws', type: 'websocket-in', wires: [['ws-out'], []] },
    { id: 'ws-out', type: 'websocket-out' },
    { id: 'parts', type: 'http-server-response', mode: 'chunked' },
    { id: 'silence', type: 'function', func: 'return null;', wires: [[]] },
    {
      id: 'order',
      type: 'function',
      func: "node.send([{ payload: msg.req.params.order }, null]); msg.payload = 'ordered'; return [null, msg];",
      outputs: 2,
      wires: [['control'], ['out']],
    },
    { id: 'control', type: 'http-server-control', wires: [[], []] },
  ];
  return nodes.map((node) => ({
    server,
    ...node,
    ...more,
    id: own(String(node['id'])),
    ...(Array.isArray(node['wires']) && { wires: (node['wires'] as string[][]).map((wire) => wire.map(own)) }),
  }));
}

describe('The life of a server', () => {
  let flow: LiveFlow;
  let status: StatusView;
  let other: number;

  before(async () => {
    flow = await LiveFlow.start(onServer('server'), {}, { settings: { runtimeState: { enabled: true, ui: true } } });
    status = await StatusView.open(flow.nodeRed);
    other = await freePort();
  });
  after(async () => {
    status.close();
    await flow.stop();
  });

  const deploy = (
    nodes: Flow = onServer('server'),
    server: Record<string, unknown> = {},
    type: 'full' | 'flows' | 'nodes' = 'full',
  ): Promise<void> => flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, server), type);
  const second = (port: number, more: Record<string, unknown> = {}): Flow => [
    { id: 'second', type: 'http-server-config', host: '127.0.0.1', port: String(port), z: '', ...more },
    ...onServer('second'),
  ];
  const hello = async (port: number): Promise<string> => await (await fetch(`http://127.0.0.1:${port}/hello`)).text();
  const listening = (port: number): Promise<unknown> =>
    waitFor(`a server on ${port}`, () => hello(port).catch(() => undefined));
  const order = (what: string): Promise<Response> => flow.get(`/control/${what}`);
  const flowsState = (state: 'start' | 'stop'): Promise<Response> =>
    flow.nodeRed.admin('/flows/state', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ state }),
    });
  /** An event stream, a WebSocket, a begun answer and two silent requests of a server. */
  const guests = async (port: number) => {
    status.forget();
    const events = await EventClient.open(`http://127.0.0.1:${port}/events`);
    const socket = await SocketClient.open(`ws://127.0.0.1:${port}/ws`);
    const [parts, read, write, idle] = await Promise.all([1, 2, 3, 4].map(() => RawClient.open(port)));
    parts?.send(get('/parts'));
    read?.send(get('/silence'));
    write?.send(post('/silence', 'x'));
    await parts?.until((text) => text.includes('\r\n\r\n'));
    await waitFor('the requests to be counted', () => /\([4-9]\)/.test(status.of('server-in').text ?? ''));
    return { events, socket, parts, read, write, idle };
  };
  /** What all of them get when their server ends. */
  const assertDrained = async (
    { events, socket, parts, read, write, idle }: Awaited<ReturnType<typeof guests>>,
    { patient = false } = {},
  ) => {
    for (const client of [read, write]) {
      const answer = await client?.response();
      assert.deepEqual([answer?.status, answer?.get('retry-after'), answer?.get('connection')], [503, '1', 'close']);
    }
    await waitFor('the event stream to end', () => events.ended);
    assert.match(events.text, /event: close\ndata:\n\n$/);
    await waitFor('the WebSocket to close', () => socket.closed);
    assert.equal(socket.closed?.[0], 1001);
    await idle?.closed();
    assert.equal(parts?.ended, false, 'a begun answer gets its time');
    if (!patient) parts?.destroy();
    await parts?.closed();
  };

  it('T76 a removed server stops listening at once and lets its clients run out', async () => {
    await deploy();
    await listening(flow.port);
    const clients = await guests(flow.port);
    const began = performance.now();
    await flow.nodeRed.deploy(LiveFlow.flows([], flow.port).filter(({ id }) => id !== 'server'));
    assert.ok(performance.now() - began < 4500, 'the deploy does not wait for them');
    assert.ok(await refuses(flow.port));
    await assertDrained(clients);
  });

  it('T76 a moved server frees its port and is at once at the other', async () => {
    await deploy();
    await listening(flow.port);
    const clients = await guests(flow.port);
    await deploy(undefined, { port: String(other) });
    await listening(other);
    assert.ok(await refuses(flow.port));
    await assertDrained(clients);
    await deploy();
    assert.equal(await hello(flow.port), 'server');
  });

  it('T76 servers that swap their ports are both there at once', async () => {
    await deploy([...onServer('server'), ...second(other)]);
    await Promise.all([listening(flow.port), listening(other)]);
    await deploy([...onServer('server'), ...second(flow.port)], { port: String(other) });
    assert.deepEqual([await hello(other), await hello(flow.port)], ['server', 'second']);
  });

  it('T76 a server of another id takes over the port of one that is gone', async () => {
    await deploy([...onServer('server')]);
    const client = await RawClient.open(flow.port);
    await flow.nodeRed.deploy(LiveFlow.flows(second(flow.port), flow.port).filter(({ id }) => id !== 'server'));
    await client.closed();
    assert.equal(await hello(flow.port), 'second');
  });

  for (const [what, disabled] of [
    ['server node', (flows: Flow) => flows.map((node) => (node['id'] === 'server' ? { ...node, d: true } : node))],
    [
      'tab of the server',
      (flows: Flow) =>
        flows.map((node) =>
          node['id'] === 'server' ? { ...node, z: 'tab' } : node['id'] === 'tab' ? { ...node, disabled: true } : node,
        ),
    ],
  ] as const)
    it(`T76 a disabled ${what} ends the server, enabled again it is back`, async () => {
      await deploy();
      await listening(flow.port);
      const client = await RawClient.open(flow.port);
      await flow.nodeRed.deploy(disabled(LiveFlow.flows(onServer('server'), flow.port)), 'flows');
      await client.closed();
      assert.ok(await refuses(flow.port));
      await deploy(undefined, {}, 'flows');
      await listening(flow.port);
    });

  it('T78 of two servers with the same port the second is refused with one error, and serves when the first is gone', async () => {
    await flow.caught();
    await deploy([...onServer('server'), ...second(flow.port)]);
    assert.deepEqual(await status.until('second-in', /port/), {
      fill: 'red',
      shape: 'ring',
      text: `port ${flow.port} in use`,
    });
    const errors = (await flow.caught()).filter(({ code }) => code === 'PORT_IN_USE');
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /port: \d+ is already taken by another server of these flows/);
    assert.equal(await hello(flow.port), 'server');
    await deploy([...onServer('server'), ...second(flow.port)]);
    assert.equal(await hello(flow.port), 'server', 'a full deploy changes nothing');
    await flow.nodeRed.deploy(
      LiveFlow.flows(second(flow.port), flow.port).filter(({ id }) => id !== 'server'),
      'nodes',
    );
    await waitFor('the second', async () => (await hello(flow.port).catch(() => '')) === 'second');
  });

  it('T78 of two http-server-in with the same path the second is refused, and takes over when the first is gone', async () => {
    const twins = [
      { id: 'one', type: 'http-server-in', server: 'server', path: '/same/<a>', wires: [['ok-1']] },
      { id: 'two', type: 'http-server-in', server: 'server', path: '/same/:b', wires: [['ok-2']] },
      ...[1, 2].map((nr) => ({ id: `ok-${nr}`, type: 'template', template: `${nr}`, wires: [['out']] })),
      { id: 'out', type: 'http-server-response' },
    ];
    const from = flow.nodeRed.log.length;
    await deploy(twins);
    await status.until('two', /path taken/);
    const logged = flow.nodeRed.log.slice(from).match(/another http-server-in of this server already takes/g);
    assert.equal(logged?.length, 1);
    assert.equal(await (await flow.get('/same/x')).text(), '1');
    await deploy(twins.slice(1), {}, 'nodes');
    assert.equal(await (await flow.get('/same/x')).text(), '2');
  });

  it('T77 a port in use shows red, is one error, is tried again, and other servers work', async () => {
    const blocker = net.createServer().listen(other, '127.0.0.1');
    await flow.caught();
    await deploy([...onServer('server'), ...second(other)]);
    await status.until('second-in', new RegExp(`port ${other} in use`));
    assert.equal(await hello(flow.port), 'server');
    await new Promise((done) => setTimeout(done, 5500));
    const errors = (await flow.caught()).filter(({ code }) => code === 'PORT_IN_USE');
    assert.equal(errors.length, 1, 'one error an episode');
    assert.match(
      errors[0]?.message ?? '',
      /Stop the other program or choose another port; trying again every 5 seconds/,
    );
    await new Promise((done) => blocker.close(done));
    await listening(other);
    await status.until('second-in', /^http:/);
  });

  it('T77 a port that is not permitted or an address of another machine shows red and does not stop Node-RED', async () => {
    await flow.caught();
    await deploy([...onServer('server'), ...second(other, { host: '192.0.2.1' })]);
    await status.until('second-in', /failed/);
    assert.match((await flow.caught())[0]?.message ?? '', /This machine has no address 192\.0\.2\.1/);
    assert.equal(await hello(flow.port), 'server');
  });

  it('a deploy that restarts the server node applies autoStart, any other leaves a stopped server stopped', async () => {
    await deploy();
    await order('stop');
    await waitFor('the end', () => refuses(flow.port));
    await deploy([...onServer('server'), { id: 'more', type: 'comment' }], {}, 'nodes');
    assert.ok(await refuses(flow.port), 'a nodes deploy elsewhere');
    await deploy();
    await listening(flow.port);
    await deploy(undefined, { autoStart: false });
    await waitFor('the end', () => refuses(flow.port));
  });

  it('stop, start and restart from a flow: clients are told, the port is free and taken again', async () => {
    const control = [
      ...onServer('server'),
      ...second(other).map((node) => (node['id'] === 'second-control' ? { ...node, server: 'server' } : node)),
    ];
    await deploy(control);
    await listening(flow.port);
    const clients = await guests(flow.port);
    const by = (what: string): Promise<Response> => fetch(`http://127.0.0.1:${other}/control/${what}`);
    await by('stop');
    await waitFor('the end', () => refuses(flow.port));
    await by('start');
    await assertDrained(clients);
    await listening(flow.port);
    const client = await RawClient.open(flow.port);
    await by('restart');
    await client.closed();
    await listening(flow.port);
  });

  it('T76 Stop flows drains and closes the port, Start flows brings it back', async () => {
    await deploy();
    await listening(flow.port);
    const clients = await guests(flow.port);
    const stopped = flowsState('stop');
    await assertDrained(clients);
    await stopped;
    assert.ok(await refuses(flow.port));
    await flowsState('start');
    await listening(flow.port);
  });

  it('T76 a server and its nodes in a subflow live through a full deploy', async () => {
    const inside = (nodes: Flow): Flow => nodes.map((node) => ({ ...node, z: 'sub' }));
    const nodes: Flow = [
      { id: 'sub', type: 'subflow', name: 'served', in: [], out: [], z: '' },
      ...inside(second(other)),
      { id: 'instance', type: 'subflow:sub' },
    ];
    await deploy(nodes);
    await listening(other);
    const client = await RawClient.open(other);
    const socket = await SocketClient.open(`ws://127.0.0.1:${other}/ws`);
    await deploy(nodes);
    assert.equal((await client.send(get('/hello')).response()).text, 'second');
    assert.equal(await socket.ask('still here'), 'still here');
    socket.ws.terminate();
    client.destroy();
  });

  it('T76 at the end of Node-RED begun answers get their time, others 503, event streams a close, WebSockets 1001', async () => {
    const own = await LiveFlow.start(onServer('server'));
    const shown = status;
    status = await StatusView.open(own.nodeRed);
    const clients = await guests(own.port);
    status.close();
    status = shown;
    const exit = new Promise((done) => own.nodeRed.child.once('exit', done));
    own.nodeRed.child.kill('SIGTERM');
    await assertDrained(clients, { patient: true });
    await exit;
    await own.stop();
  });
});
