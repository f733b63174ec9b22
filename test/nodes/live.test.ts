import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { LiveFlow } from '../support/live-flow.js';
import { pause } from '../support/node-red.js';

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; const { req, res, ...rest } = msg; list.push(rest); global.set('${name}', list);`;

/** An open event stream and what came over it. */
class Stream {
  text = '';
  ended = false;
  readonly headers: http.IncomingHttpHeaders;
  readonly #response: http.IncomingMessage;

  constructor(response: http.IncomingMessage) {
    this.#response = response;
    this.headers = response.headers;
    response
      .on('data', (chunk: Buffer) => (this.text += chunk.toString()))
      .on('close', () => (this.ended = true))
      .on('error', () => undefined);
  }

  static open(url: string, headers: http.OutgoingHttpHeaders = {}): Promise<Stream> {
    return new Promise((done, fail) => {
      http.get(url, { headers, agent: false }, (response) => done(new Stream(response))).on('error', fail);
    });
  }

  async until(pattern: RegExp): Promise<void> {
    for (let left = 200; !pattern.test(this.text); left -= 1) {
      if (left === 0) throw new Error(`${pattern.source} did not come: ${JSON.stringify(this.text)}`);
      await pause(10);
    }
  }

  close(): void {
    this.#response.destroy();
  }
}

/** A WebSocket and what came over it. */
class Socket {
  readonly messages: string[] = [];
  closed: [number, string] | undefined;
  readonly ws: WebSocket;

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary) =>
      this.messages.push(isBinary ? `<${data.toString('hex')}>` : data.toString()),
    );
    ws.on('close', (code, reason) => (this.closed = [code, reason.toString()]));
    ws.on('error', () => undefined);
  }

  static open(url: string, options: WebSocket.ClientOptions = {}): Promise<Socket> {
    const socket = new Socket(new WebSocket(url, options));
    return new Promise((done, fail) => {
      socket.ws
        .once('open', () => done(socket))
        .once('unexpected-response', (_, response) => fail(new Error(String(response.statusCode))));
    });
  }

  async until(count: number): Promise<void> {
    for (let left = 200; this.messages.length < count; left -= 1) {
      if (left === 0) throw new Error(`only ${JSON.stringify(this.messages)}`);
      await pause(10);
    }
  }
}

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
    wires: [['sse'], ['ws-in'], ['set'], ['set-ws'], ['seen'], ['ask']],
  },
  { id: 'sse', type: 'sse-out', server: 'server', channel: '', replay: 10, wires: [['keep-sse']] },
  { id: 'keep-sse', type: 'function', func: keep('sse'), wires: [[]] },
  {
    id: 'set',
    type: 'function',
    func: 'node.send({ ...msg, ...msg.payload, payload: msg.payload.payload }); return msg;',
    wires: [['sse', 'answer']],
  },
  {
    id: 'answer',
    type: 'function',
    func: "if (!msg.answered) { msg.answered = true; msg.payload = 'ok'; return msg; }",
    wires: [['once']],
  },
  {
    id: 'once',
    type: 'delay',
    pauseType: 'rate',
    rate: '1',
    rateUnits: 'second',
    drop: true,
    allowrate: false,
    nbRateUnits: '1',
    wires: [['out']],
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

  const seen = async (name: string): Promise<Record<string, any>[]> =>
    (await (await flow.get(`/seen?name=${name}`)).json()) as Record<string, any>[];
  const post = (path: string, body: unknown): Promise<Response> =>
    flow.get(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

  it('a GET joins the channel of sse-out and gets what is published', async () => {
    const stream = await Stream.open(flow.url('/events'));
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    assert.equal(stream.headers['cache-control'], 'no-cache');
    assert.equal(stream.headers['x-accel-buffering'], 'no');
    assert.equal(stream.headers['x-default'], '1');
    void post('/publish', { payload: 'two\nlines', event: 'news' });
    await stream.until(/event: news\ndata: two\ndata: lines\nid: \d+\n\n|data: two\ndata: lines\n/);
    const [connect] = await seen('sse');
    assert.equal(connect?.['payload'].event, 'connect');
    assert.equal(connect['payload'].count, 1);
    assert.equal(connect['payload'].lastEventId, '');
    assert.equal(connect['upgrade'].path, '/events');
    stream.close();
    await pause(100);
    const [disconnect] = await seen('sse');
    assert.deepEqual(
      [disconnect?.['payload'].event, disconnect?.['payload'].reason, disconnect?.['payload'].count],
      ['disconnect', 'left', 0],
    );
  });

  it('a client that comes back gets what it missed', async () => {
    await pause(1100);
    void post('/publish', { payload: 'missed', id: 'm1' });
    await pause(100);
    const stream = await Stream.open(flow.url('/events?lastEventId=none'));
    await stream.until(/data: missed\nid: m1\n\n|id: m1\ndata: missed\n\n/);
    stream.close();
  });

  it('an upgrade becomes a client, and its messages answer to itself by _session', async () => {
    const one = await Socket.open(`ws://127.0.0.1:${flow.port}/ws?who=1`, { headers: { Cookie: 'a=b' } });
    const two = await Socket.open(`ws://127.0.0.1:${flow.port}/ws`);
    one.ws.send('hello');
    one.ws.send(Buffer.from([1, 2]));
    await one.until(2);
    assert.deepEqual(one.messages, ['hello', '<0102>']);
    assert.deepEqual(two.messages, []);
    const [message] = await seen('ws');
    assert.equal(message?.['payload'], 'hello');
    assert.equal(message['channel'], 'room');
    assert.equal(message['_session'].type, 'http-server-websocket');
    assert.equal(message['_session'].id, message['client']);
    assert.deepEqual(
      [message['upgrade'].query, message['upgrade'].cookies, message['upgrade'].ip],
      [{ who: '1' }, { a: 'b' }, '127.0.0.1'],
    );
    const clients = await seen('clients');
    assert.deepEqual(
      clients.map((event) => [event['payload'].event, event['payload'].count]),
      [
        ['connect', 1],
        ['connect', 2],
      ],
    );
    one.ws.close(4001, 'bye');
    await pause(100);
    const [gone] = await seen('clients');
    assert.deepEqual(
      [gone?.['payload'].event, gone?.['payload'].code, gone?.['payload'].reason, gone?.['payload'].count],
      ['disconnect', 4001, 'bye', 1],
    );
    two.ws.terminate();
    await pause(50);
    await seen('clients');
  });

  it('messages go to everyone, to some, to all but some; unknown ids are an error', async () => {
    const sockets = await Promise.all([1, 2, 3].map(() => Socket.open(`ws://127.0.0.1:${flow.port}/ws`)));
    const ids = (await seen('clients')).map((event) => String(event['client']));
    await post('/send', { payload: 'all' });
    await post('/send', { payload: { to: 'first' }, client: ids[0] });
    await post('/send', { payload: '', except: [ids[0], ids[1]] });
    await post('/send', { payload: null, client: [ids[2], 'nobody'] });
    await pause(100);
    assert.deepEqual(
      sockets.map(({ messages }) => messages),
      [['all', '{"to":"first"}'], ['all'], ['all', '', 'null']],
    );
    const errors = await flow.caught();
    assert.deepEqual(
      errors.map(({ source, code }) => [source, code]),
      [['ws-out', 'UNKNOWN_CLIENT']],
    );
    assert.match(errors[0]?.message ?? '', /nobody/);
    await post('/send', { payload: 'last words', close: { code: 4000, reason: 'done' } });
    await pause(100);
    for (const { closed, messages } of sockets)
      assert.deepEqual([closed, messages.at(-1)], [[4000, 'done'], 'last words']);
  });

  it('a message over the limit closes its own connection with 1009 and tells the flow', async () => {
    const socket = await Socket.open(`ws://127.0.0.1:${flow.port}/ws`);
    socket.ws.send('x'.repeat(2000));
    await pause(200);
    assert.equal(socket.closed?.[0], 1009);
    assert.equal((await flow.caught())[0]?.source, 'ws-in');
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
    await assert.rejects(Socket.open(`ws://127.0.0.1:${flow.port}/ws`, { origin: 'http://evil.example' }), {
      message: '403',
    });
    const same = await Socket.open(`ws://127.0.0.1:${flow.port}/ws`, { origin: `http://127.0.0.1:${flow.port}` });
    same.ws.terminate();
  });

  it('T65 a request that is no upgrade gets 426, an upgrade to nowhere 404', async () => {
    const response = await flow.get('/ws');
    assert.equal(response.status, 426);
    assert.equal(response.headers.get('sec-websocket-version'), '13');
    await assert.rejects(Socket.open(`ws://127.0.0.1:${flow.port}/nowhere`), { message: '404' });
  });

  it('http-server-control tells the state and a record of each request', async () => {
    await seen('records');
    const state = (await (await flow.get('/state')).json()) as Record<string, unknown>;
    assert.equal(state['state'], 'listening');
    assert.equal(state['port'], flow.port);
    assert.deepEqual(state['clients'], { sse: 0, websocket: 0 });
    const records = await seen('records');
    const record = records.find((one) => one['payload'].path === '/state')?.['payload'];
    assert.deepEqual(
      [record?.method, record?.status, record?.ip, record?.result],
      ['GET', 200, '127.0.0.1', 'response-sent'],
    );
    assert.ok(record.bytesIn > 20 && record.bytesOut > 100);
  });

  it('T76 clients stay through a full deploy', async () => {
    const stream = await Stream.open(flow.url('/events'));
    const socket = await Socket.open(`ws://127.0.0.1:${flow.port}/ws`);
    await seen('clients');
    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port, { headers: [{ name: 'X-Default', value: '2' }] }));
    socket.ws.send('still here');
    await socket.until(1);
    await pause(1000);
    void post('/publish', { payload: 'after' });
    await stream.until(/data: after/);
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
    await pause(200);
    assert.equal(socket.closed?.[0], 1001);
    assert.match(stream.text, /event: close\ndata:\n\n/);
    assert.ok(stream.ended);
  });
});
