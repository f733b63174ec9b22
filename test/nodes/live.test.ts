import assert from 'node:assert/strict';
import type http from 'node:http';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { EventClient, SocketClient } from '../support/live-client.js';
import { type CaughtError, LiveFlow } from '../support/live-flow.js';
import { waitFor } from '../support/wait-for.js';

type Told = Record<string, any>;

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; const { req, res, ...rest } = msg; list.push(rest); global.set('${name}', list);`;

const nodes = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    id: 'route',
    type: 'route',
    rules: [
      { path: '/events' },
      { path: '/ws' },
      { methods: ['POST'], path: '/publish' },
      { methods: ['POST'], path: '/send' },
      { path: '/seen' },
      { path: '/state' },
    ],
    otherwise: '404',
    outputs: 6,
    wires: [['sse'], ['ws-in'], ['publish'], ['set-ws'], ['seen'], ['ask']],
  },
  { id: 'sse', type: 'sse-out', server: 'server', channel: '', replay: 10, wires: [['keep-sse']] },
  { id: 'keep-sse', type: 'function', func: keep('sse'), wires: [[]] },
  {
    // Published with its request in it, which is answered elsewhere.
    id: 'publish',
    type: 'function',
    func: "node.send([{ ...msg, ...msg.payload }, null]); return [null, { ...msg, payload: 'ok' }];",
    outputs: 2,
    wires: [['sse'], ['out']],
  },
  { id: 'out', type: 'http-server-response' },
  {
    id: 'ws-in',
    type: 'websocket-in',
    server: 'server',
    channel: 'room',
    subprotocols: ['chat'],
    maxMessageSize: '1kb',
    wires: [['echo', 'keep-ws'], ['keep-clients']],
  },
  { id: 'echo', type: 'function', func: "if (msg.payload === 'silence') return; return msg;", wires: [['ws-out']] },
  { id: 'ws-out', type: 'websocket-out', server: 'server', channel: 'room' },
  { id: 'keep-ws', type: 'function', func: keep('ws'), wires: [[]] },
  { id: 'keep-clients', type: 'function', func: keep('clients'), wires: [[]] },
  {
    id: 'set-ws',
    type: 'function',
    func: "node.send([null, { ...msg, payload: 'ok' }]); return [{ ...msg.payload }, null];",
    outputs: 2,
    wires: [['ws-out'], ['out']],
  },
  {
    id: 'seen',
    type: 'function',
    func: 'msg.payload = global.get(msg.req.query.name) || []; global.set(msg.req.query.name, []); return msg;',
    wires: [['out']],
  },
  {
    id: 'ask',
    type: 'change',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'status', tot: 'str' }],
    wires: [['control']],
  },
  { id: 'control', type: 'http-server-control', server: 'server', wires: [['state-out'], ['keep-records']] },
  {
    id: 'state-out',
    type: 'switch',
    property: 'res',
    propertyType: 'msg',
    rules: [{ t: 'nnull' }],
    outputs: 1,
    wires: [['out']],
  },
  { id: 'keep-records', type: 'function', func: keep('records'), wires: [[]] },
];

describe('live connections through the flow', () => {
  let flow: LiveFlow;

  before(async () => {
    flow = await LiveFlow.start(nodes, { headers: [{ name: 'X-Default', value: '1' }] });
  });
  after(() => flow.stop());

  /** What a function node has kept since the last call, as soon as it is so much. */
  const seen = async (name: string, count = 0): Promise<Told[]> => {
    const all: Told[] = [];
    return waitFor(`${count} messages in ${name}`, async () => {
      all.push(...((await (await flow.get(`/seen?name=${name}`)).json()) as Told[]));
      return all.length >= count && all;
    });
  };
  const post = async (path: string, body: unknown): Promise<void> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await flow.get(path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(await response.text(), 'ok');
  };
  const openSocket = (query = '', options: WebSocket.ClientOptions = {}): Promise<SocketClient> =>
    SocketClient.open(`ws://127.0.0.1:${flow.port}/ws${query}`, options);
  const caught = (): Promise<CaughtError[]> =>
    waitFor('an error', async () => {
      const errors = await flow.caught();
      return errors.length > 0 && errors;
    });
  const closed = (socket: SocketClient): Promise<[number, string]> => waitFor('the close', () => socket.closed);

  it('a GET joins the channel of sse-out and gets what is published', async () => {
    const stream = await EventClient.open(flow.url('/events'));
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    assert.equal(stream.headers['cache-control'], 'no-cache');
    assert.equal(stream.headers['x-accel-buffering'], 'no');
    assert.equal(stream.headers['x-default'], '1');
    await post('/publish', { payload: 'two\nlines', event: 'news' });
    await waitFor('the event', () => /^:\n\ndata: two\ndata: lines\nevent: news\nid: \d+\n\n$/.test(stream.text));
    const [connect] = await seen('sse', 1);
    assert.equal(connect?.['payload'].event, 'connect');
    assert.equal(connect['payload'].count, 1);
    assert.equal(connect['payload'].lastEventId, '');
    assert.equal(connect['upgrade'].path, '/events');
    stream.close();
    const [disconnect] = await seen('sse', 1);
    assert.deepEqual(
      [disconnect?.['payload'].event, disconnect?.['payload'].reason, disconnect?.['payload'].count],
      ['disconnect', 'left', 0],
    );
  });

  it('a client that comes back gets what it missed', async () => {
    await post('/publish', { payload: 'missed', id: 'm1' });
    const stream = await EventClient.open(flow.url('/events?lastEventId=none'));
    await waitFor('the event', () => stream.text.includes('data: missed\nid: m1\n\n'));
    stream.close();
  });

  it('an upgrade becomes a client, and its messages answer to itself by _session', async () => {
    const one = await openSocket('?who=1', { headers: { Cookie: 'a=b' } });
    const two = await openSocket();
    one.ws.send('hello');
    one.ws.send(Buffer.from([1, 2]));
    await waitFor('both answers', () => one.messages.length === 2);
    assert.deepEqual(one.messages, ['hello', '<0102>']);
    assert.deepEqual(two.messages, []);
    const [message] = await seen('ws', 2);
    assert.equal(message?.['payload'], 'hello');
    assert.equal(message['channel'], 'room');
    assert.equal(message['_session'].type, 'http-server-websocket');
    assert.equal(message['_session'].id, message['client']);
    assert.deepEqual(
      [message['upgrade'].query, message['upgrade'].cookies, message['upgrade'].ip],
      [{ who: '1' }, { a: 'b' }, '127.0.0.1'],
    );
    const clients = await seen('clients', 2);
    assert.deepEqual(
      clients.map((event) => [event['payload'].event, event['payload'].count]),
      [
        ['connect', 1],
        ['connect', 2],
      ],
    );
    one.ws.close(4001, 'bye');
    const [gone] = await seen('clients', 1);
    assert.deepEqual(
      [gone?.['payload'].event, gone?.['payload'].code, gone?.['payload'].reason, gone?.['payload'].count],
      ['disconnect', 4001, 'bye', 1],
    );
    two.ws.terminate();
    await seen('clients', 1);
  });

  it('messages go to everyone, to some, to all but some; unknown ids are an error', async () => {
    // One after the other: their order is that of their ids.
    const sockets = [await openSocket(), await openSocket(), await openSocket()];
    const ids = (await seen('clients', 3)).map((event) => String(event['client']));
    await post('/send', { payload: 'all' });
    await post('/send', { payload: { to: 'first' }, client: ids[0] });
    await post('/send', { payload: '', except: [ids[0], ids[1]] });
    await post('/send', { payload: null, client: [ids[2], 'nobody'] });
    await post('/send', { payload: 'last words', close: { code: 4000, reason: 'done' } });
    for (const socket of sockets) assert.deepEqual(await closed(socket), [4000, 'done']);
    assert.deepEqual(
      sockets.map(({ messages }) => messages),
      [
        ['all', '{"to":"first"}', 'last words'],
        ['all', 'last words'],
        ['all', '', 'null', 'last words'],
      ],
    );
    const errors = await caught();
    assert.deepEqual(
      errors.map(({ source, code }) => [source, code]),
      [['ws-out', 'UNKNOWN_CLIENT']],
    );
    assert.match(errors[0]?.message ?? '', /nobody/);
  });

  it('a message over the limit closes its own connection with 1009 and tells the flow', async () => {
    const socket = await openSocket();
    socket.ws.send('x'.repeat(2000));
    assert.equal((await closed(socket))[0], 1009);
    assert.equal((await caught())[0]?.source, 'ws-in');
  });

  it('subprotocol, default headers and the 101', async () => {
    const headers = await new Promise<http.IncomingHttpHeaders>((done, fail) => {
      const ws = new WebSocket(`ws://127.0.0.1:${flow.port}/ws`, ['other', 'chat']);
      ws.once('upgrade', (response) => done(response.headers))
        .once('error', fail)
        .once('open', () => ws.close());
    });
    assert.equal(headers['sec-websocket-protocol'], 'chat');
    assert.equal(headers['x-default'], '1');
    assert.equal(headers['content-type'], undefined);
  });

  it('T61 a page of another origin is refused with 403', async () => {
    await assert.rejects(openSocket('', { origin: 'http://evil.example' }), { message: '403' });
    const same = await openSocket('', { origin: `http://127.0.0.1:${flow.port}` });
    same.ws.terminate();
  });

  it('T65 a request that is no upgrade gets 426, an upgrade to nowhere 404', async () => {
    const response = await flow.get('/ws');
    assert.equal(response.status, 426);
    assert.equal(response.headers.get('sec-websocket-version'), '13');
    await assert.rejects(SocketClient.open(`ws://127.0.0.1:${flow.port}/nowhere`), { message: '404' });
  });

  it('http-server-control tells the state and a record of each request', async () => {
    const state = await waitFor('that all clients have left', async () => {
      const told = (await (await flow.get('/state')).json()) as Told;
      return told['clients'].websocket === 0 && told['clients'].sse === 0 && told;
    });
    assert.equal(state['state'], 'listening');
    assert.equal(state['port'], flow.port);
    const record = await waitFor('the record', async () =>
      (await seen('records')).map(({ payload }) => payload as Told).find(({ path }) => path === '/state'),
    );
    assert.deepEqual(
      [record['method'], record['status'], record['ip'], record['result']],
      ['GET', 200, '127.0.0.1', 'response-sent'],
    );
    assert.ok(record['bytesIn'] > 20 && record['bytesOut'] > 100);
  });

  it('T76 clients stay through a full deploy', async () => {
    await seen('clients');
    const stream = await EventClient.open(flow.url('/events'));
    const socket = await openSocket();
    await waitFor('the client', async () => (await seen('clients')).some(({ payload }) => payload.event === 'connect'));
    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, { headers: [{ name: 'X-Default', value: '2' }] }));
    assert.equal(await socket.ask('still here'), 'still here');
    await post('/publish', { payload: 'after' });
    await waitFor('the event', () => stream.text.includes('data: after'));
    assert.equal(socket.closed, undefined);
    assert.deepEqual(
      (await seen('clients')).filter((event) => event['payload'].event === 'connect'),
      [],
    );
    assert.equal((await flow.get('/none')).headers.get('x-default'), '2');
    await flow.nodeRed.deploy(
      LiveFlow.flows(
        nodes.filter(({ id }) => id !== 'ws-in' && id !== 'sse'),
        flow.port,
      ),
    );
    assert.equal((await closed(socket))[0], 1001);
    await waitFor('the end of the stream', () => stream.ended);
    assert.match(stream.text, /event: close\ndata:\n\n/);
  });
});
