/** What the contract says of live connections, beyond the first steps of live.test.ts. */
import assert from 'node:assert/strict';
import type http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';
import { EventClient, SocketClient } from '../support/live-client.js';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

type Told = Record<string, any>;

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; const { req, res, ...rest } = msg; list.push(rest); global.set('${name}', list);`;
const ws = { type: 'websocket-in', server: 'server' };

const nodes: Flow = [
  { id: 'who', type: 'http-server-credentials', realm: 'live' },
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    ...{ id: 'route', type: 'route', otherwise: '404', outputs: 10 },
    rules: [
      { path: '/json' },
      { path: '/guarded' },
      { path: '/rooms/<room>' },
      { path: '/full' },
      { path: '/newest' },
      { path: '/greeted' },
      { path: '/news/<topic>' },
      { methods: ['POST'], path: '/publish' },
      { methods: ['POST'], path: '/say' },
      { path: '/seen' },
    ],
    wires: [['json'], ['auth'], ['rooms'], ['full'], ['newest'], ['greeted'], ['topic'], ['spread'], ['say'], ['seen']],
  },
  // JSON there and back, through nodes that clone: a fork, a change, a template
  { ...ws, id: 'json', channel: 'json', format: 'json', wires: [['fork', 'keep-json'], []] },
  {
    ...{ id: 'fork', type: 'change', wires: [['text', 'delayed']] },
    rules: [{ t: 'set', p: 'seen', pt: 'msg', to: 'true', tot: 'bool' }],
  },
  { id: 'text', type: 'function', func: 'msg.payload = { got: msg.payload }; return msg;', wires: [['out']] },
  {
    ...{ id: 'delayed', type: 'delay', pauseType: 'delay', timeout: '30', timeoutUnits: 'milliseconds', rate: '1' },
    ...{ nbRateUnits: '1', rateUnits: 'second', randomFirst: '1', randomLast: '5', randomUnits: 'seconds' },
    wires: [['late']],
  },
  { id: 'late', type: 'function', func: "msg.payload = ''; return msg;", wires: [['out']] },
  { id: 'keep-json', type: 'function', func: keep('json'), wires: [[]] },
  { id: 'auth', type: 'auth', access: 'who', wires: [['guarded']] },
  { ...ws, id: 'guarded', channel: 'guarded', wires: [['name'], []] },
  { id: 'name', type: 'function', func: 'msg.payload = msg.upgrade.user.name; return msg;', wires: [['out']] },
  { ...ws, id: 'rooms', channel: 'lounge', wires: [['room'], ['keep-rooms']] },
  {
    ...{ id: 'room', type: 'function', wires: [['out']] },
    func: 'msg.payload = `${msg.upgrade.params.room}: ${msg.payload}`; msg.except = msg.client; return msg;',
  },
  { id: 'keep-rooms', type: 'function', func: keep('rooms'), wires: [[]] },
  { ...ws, id: 'full', channel: 'full', maxClients: 1, wires: [[], []] },
  { ...ws, id: 'newest', channel: 'newest', maxClients: 1, onFull: 'replace', wires: [[], []] },
  { id: 'out', type: 'websocket-out', server: 'server' },
  // a status of the core habit
  { id: 'statuses', type: 'status', scope: ['rooms', 'greeted'], wires: [['keep-statuses']] },
  { id: 'keep-statuses', type: 'function', func: keep('statuses'), wires: [[]] },
  // one who comes is greeted, on a channel of his own name
  { id: 'greeted', type: 'sse-out', server: 'server', channel: 'hall', maxClients: 2, wires: [['greeting']] },
  {
    ...{ id: 'greeting', type: 'function', wires: [['greeted']] },
    func: "if (msg.payload.event === 'connect') { msg.payload = `welcome ${msg.upgrade.query.name}`; return msg; }",
  },
  { id: 'topic', type: 'function', func: 'msg.channel = msg.req.params.topic; return msg;', wires: [['news']] },
  {
    ...{ id: 'news', type: 'sse-out', server: 'server', channel: 'news', replay: 5, event: 'kind', eventType: 'msg' },
    ...{ maxClients: 1, onFull: 'replace', wires: [['keep-news']] },
  },
  { id: 'keep-news', type: 'function', func: keep('news'), wires: [[]] },
  {
    ...{ id: 'spread', type: 'function', outputs: 3, wires: [['news'], ['core-sse'], ['end']] },
    func: 'const body = msg.req.body; node.send([{ ...body }, { ...body }, null]); msg.payload = "ok"; return [null, null, msg];',
  },
  {
    ...{ id: 'say', type: 'function', outputs: 2, wires: [['out'], ['end']] },
    func: `const said = { ...msg.req.body };
let times = 0;
if (said.payload === 'counted') said.payload = { toJSON: () => ({ encoded: (times += 1) }) };
node.send([said, null]);
msg.payload = 'ok';
return [null, msg];`,
  },
  {
    ...{ id: 'seen', type: 'function', wires: [['end']] },
    func: 'msg.payload = global.get(msg.req.query.name) || []; global.set(msg.req.query.name, []); return msg;',
  },
  { id: 'end', type: 'http-server-response' },
  // the core node leads to an event stream
  { id: 'core-in', type: 'http in', url: '/core-events', method: 'get', wires: [['core-sse']] },
  { id: 'core-sse', type: 'sse-out', channel: 'core', replay: 3, wires: [['keep-core']] },
  { id: 'keep-core', type: 'function', func: keep('core'), wires: [[]] },
];

let flow: LiveFlow;
before(async () => {
  flow = await LiveFlow.start(
    nodes,
    { headers: [{ name: 'X-Default', value: 'yes' }] },
    { credentials: { who: { entries: JSON.stringify([{ scheme: 'basic', username: 'ann', password: 'secret' }]) } } },
  );
});
after(() => flow.stop());

const socket = (path: string, options: WebSocket.ClientOptions = {}): Promise<SocketClient> =>
  SocketClient.open(`ws://127.0.0.1:${flow.port}${path}`, options);
const seen = async (name: string): Promise<Told[]> => (await (await flow.get(`/seen?name=${name}`)).json()) as Told[];
const post = (path: string, body: unknown): Promise<Response> =>
  flow.get(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

async function told(name: string, count: number): Promise<Told[]> {
  const all: Told[] = [];
  await waitFor(`${count} of ${name}`, async () => all.push(...(await seen(name))) >= count);
  return all;
}

describe('websocket-in and websocket-out', () => {
  it('JSON: every value comes through; invalid text is an error for Catch, and the connection stays', async () => {
    await flow.caught();
    const client = await socket('/json');
    const values = ['{"a":{"b":[1]}}', 'null', '[1,"two",null]', '3.5', '"text"', 'true', ' {"spaced" : 1} '];
    for (const text of ['{"broken":', '', ...values]) client.ws.send(text);
    client.ws.send(Buffer.from('{"binary":1}'));
    const parsed = [...values, '{"binary":1}'].map((text) => JSON.parse(text) as unknown);
    await waitFor('all answers', () => client.messages.length >= 2 * parsed.length);
    const answers = client.messages.filter((text) => text !== '').map((text) => (JSON.parse(text) as Told)['got']);
    assert.deepEqual(answers, parsed);
    assert.equal(client.messages.filter((text) => text === '').length, parsed.length, 'empty text is sent too');
    assert.equal(client.closed, undefined);
    const errors = await flow.caught();
    assert.deepEqual(
      errors.map(({ source, code }) => [source, code]),
      [
        ['json', 'INVALID_MESSAGE'],
        ['json', 'INVALID_MESSAGE'],
      ],
    );
    const [message] = await told('json', parsed.length);
    assert.deepEqual(message?.['_session'], { type: 'http-server-websocket', id: message?.['client'] });
    assert.match(message?.['_msgid'], /^[0-9a-f]{16}$/);
    client.ws.terminate();
  });

  it('a guard in the flow guards the upgrade: 401 with its challenge, 101 with default headers, and the user', async () => {
    const refused = await new Promise<http.IncomingMessage>((done) => {
      new WebSocket(`ws://127.0.0.1:${flow.port}/guarded`)
        .once('unexpected-response', (_, response) => done(response))
        .on('error', () => undefined);
    });
    assert.equal(refused.statusCode, 401);
    assert.match(refused.headers['www-authenticate'] ?? '', /^Basic realm="live"/);
    refused.destroy();
    const ann = new WebSocket(`ws://127.0.0.1:${flow.port}/guarded`, { auth: 'ann:secret' });
    const [answer, text] = await new Promise<[http.IncomingMessage, string]>((done) => {
      let upgrade: http.IncomingMessage;
      ann.once('upgrade', (response) => (upgrade = response));
      ann.once('open', () => ann.send('who am I?'));
      ann.once('message', (data: Buffer) => done([upgrade, data.toString()]));
    });
    assert.equal(answer.headers['x-default'], 'yes');
    assert.equal(text, 'ann');
    ann.terminate();
  });

  it('rooms: what one says goes to all but him; clients and statuses tell who comes and goes', async () => {
    await seen('statuses');
    const red = await socket('/rooms/red%20one?x=1');
    const blue = await socket('/rooms/blue');
    await waitFor('both', async () => (await seen('rooms')).length > 0);
    red.ws.send('hello');
    await waitFor('the word', () => blue.messages.length > 0);
    assert.deepEqual([red.messages, blue.messages], [[], ['red one: hello']]);
    red.ws.close(4000, 'off');
    const gone = await waitFor('his leave', async () =>
      (await seen('rooms')).find(({ payload }) => payload.event === 'disconnect'),
    );
    assert.deepEqual(
      [gone['payload'].code, gone['payload'].reason, gone['payload'].count, gone['upgrade'].params],
      [4000, 'off', 1, { room: 'red one' }],
    );
    const statuses = await waitFor('the statuses', async () => {
      const all = await told('statuses', 1);
      return all.some(({ status }) => status.event === 'disconnect') && all;
    });
    const last = statuses.find(({ status }) => status.event === 'disconnect')?.['status'];
    assert.equal(last.text, '1 client on lounge');
    assert.deepEqual(last._session, { type: 'http-server-websocket', id: gone['client'] });
    blue.ws.terminate();
  });

  it('maxClients refuses with 503, or closes the oldest', async () => {
    const first = await socket('/full');
    await assert.rejects(socket('/full'), { message: '503' });
    first.ws.terminate();
    const oldest = await socket('/newest');
    const newest = await socket('/newest');
    await waitFor('the end of the oldest', () => oldest.closed);
    assert.equal(oldest.closed?.[0], 1008);
    assert.equal(newest.closed, undefined);
    newest.ws.terminate();
  });

  it('T73 a message to clients of which one is gone reaches the others and names the one', async () => {
    await flow.caught();
    await seen('rooms');
    const one = await socket('/rooms/a');
    const id = (await told('rooms', 1)).find(({ payload }) => payload.event === 'connect')?.['client'];
    await post('/say', { payload: 'to you', client: [id, 'nobody'] });
    await waitFor('the word', () => one.messages.length === 1);
    await post('/say', { client: 'nobody' });
    await post('/say', { payload: 'to everyone', client: 'nobody', except: [] });
    await waitFor('the other word', () => one.messages.length === 2);
    const errors = await flow.caught();
    assert.deepEqual(
      errors.map(({ code, message }) => [code, /nobody/.test(message)]),
      [['UNKNOWN_CLIENT', true]],
    );
    one.ws.terminate();
  });

  it('a message to everyone on several channels is encoded once', async () => {
    const sockets = [await socket('/rooms/a'), await socket('/json'), await socket('/newest')];
    await post('/say', { payload: 'counted' });
    await waitFor('the message', () => sockets.every(({ messages }) => messages.length === 1));
    for (const { messages, ws: one } of sockets) {
      assert.deepEqual(messages, ['{"encoded":1}']);
      one.terminate();
    }
  });

  it('pings on demand, and refuses a close code that may not be sent', async () => {
    await flow.caught();
    const client = await socket('/rooms/pinged');
    let pings = 0;
    client.ws.on('ping', () => (pings += 1));
    await post('/say', { ping: true });
    await waitFor('the ping', () => pings === 1);
    assert.deepEqual(client.messages, [], 'without a payload nothing is sent');
    await post('/say', { close: { code: 1006 } });
    await waitFor('the error', async () => (await flow.caught()).some(({ code }) => code === 'INVALID_PAYLOAD'));
    assert.equal(client.closed, undefined);
    client.ws.terminate();
  });
});

describe('sse-out', () => {
  it('greets the one who came, and only him', async () => {
    const ann = await EventClient.open(flow.url('/greeted?name=Ann'));
    await waitFor('her greeting', () => ann.data.length === 1);
    const bob = await EventClient.open(flow.url('/greeted?name=Bob'));
    await waitFor('his greeting', () => bob.data.length === 1);
    assert.deepEqual([ann.data, bob.data], [['welcome Ann'], ['welcome Bob']]);
    await assert.rejects(EventClient.open(flow.url('/greeted')), { message: '503' });
    const status = await waitFor('the status', async () =>
      (await seen('statuses')).map((one) => one['status']).find(({ text }) => text === '2 clients on hall'),
    );
    assert.equal(status.event, 'connect');
    assert.equal(status._session.type, 'http-server-sse');
    ann.close();
    bob.close();
  });

  it('joins and publishes on the channel a message names, with replay there, and replaces the oldest', async () => {
    await post('/publish', { payload: 'kept', channel: 'sport', kind: 'score', id: 'a' });
    await post('/publish', { payload: 'elsewhere', channel: 'weather' });
    const sport = await EventClient.open(flow.url('/news/sport'), { 'Last-Event-ID': 'unknown' });
    await waitFor('what was kept', () => sport.data.length === 1);
    assert.match(sport.text, /data: kept\nevent: score\nid: a\n\n/);
    const second = await EventClient.open(flow.url('/news/sport'));
    await waitFor('the end of the first', () => sport.ended);
    assert.ok(sport.text.endsWith('event: close\ndata:\n\n'));
    await post('/publish', { payload: 'live', channel: 'sport', comment: 'note', retry: 0, fields: { x: 1 } });
    await waitFor('the event', () => second.data.length === 1);
    assert.match(second.text, /: note\ndata: live\nid: \d+\nretry: 0\nx: 1\n\n/);
    const events = await told('news', 3);
    assert.deepEqual(
      events.map(({ payload, channel }) => [channel, payload.event, payload.reason]),
      [
        ['sport', 'connect', undefined],
        ['sport', 'disconnect', 'replaced'],
        ['sport', 'connect', undefined],
      ],
    );
    second.close();
  });

  it('T74 an event that cannot be sent is an error for Catch; the stream goes on', async () => {
    await flow.caught();
    const client = await EventClient.open(flow.url('/news/odd'));
    await post('/publish', { payload: 'x', channel: 'odd', kind: 'a\nb' });
    await post('/publish', { payload: 'x', channel: 'odd', id: 'a\u0000b' });
    await post('/publish', { payload: 'fine', channel: 'odd' });
    await waitFor('the good one', () => client.data.length > 0);
    assert.deepEqual(client.data, ['fine']);
    const errors = (await flow.caught()).filter(({ source }) => source === 'news');
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['INVALID_PAYLOAD', 'INVALID_PAYLOAD'],
    );
    client.close();
  });

  it('a HEAD gets the headers only', async () => {
    const response = await flow.get('/news/any', { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal(response.headers.get('x-default'), 'yes');
  });

  it('serves requests of the core http in', async () => {
    const client = await EventClient.open(`http://127.0.0.1:${flow.nodeRed.port}/core-events?a=1`);
    await post('/publish', { payload: 'for core' });
    await waitFor('the event', () => client.data.length > 0);
    client.close();
    const [connect, disconnect] = await told('core', 2);
    assert.deepEqual([connect?.['payload'].event, connect?.['upgrade'].query], ['connect', { a: '1' }]);
    assert.equal(disconnect?.['payload'].reason, 'left');
  });

  it('works with the npm client "eventsource", which comes back with the last id', async () => {
    const source = new EventSource(flow.url('/news/client'));
    const data: string[] = [];
    let opened = 0;
    source.addEventListener('open', () => (opened += 1));
    source.addEventListener('message', (event) => data.push(String(event.data)));
    await waitFor('the stream', () => opened === 1);
    await post('/publish', { payload: 'first', channel: 'client', retry: 50 });
    await waitFor('the first', () => data.length === 1);
    await post('/publish', { close: true, channel: 'client' });
    await post('/publish', { payload: 'second', channel: 'client' });
    await waitFor('the second', () => data.length === 2);
    assert.deepEqual(data, ['first', 'second']);
    assert.equal(opened, 2);
    source.close();
  });
});
