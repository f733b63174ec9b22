/** The message of a request, read as people read it: Change, Switch, JSONata, function and Debug nodes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { type RawResponse, ask, get, post, requestText } from '../support/raw-client.js';
import { waitFor } from '../support/wait-for.js';

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', path: '/....', wires: [['show']] },
  {
    id: 'show',
    type: 'function',
    func: 'msg.payload = { payload: msg.payload, body: msg.req.body, keys: Object.keys(msg).sort(), id: typeof msg._msgid }; return msg;',
    wires: [['out']],
  },
  { id: 'out', type: 'http-server-response', mode: 'json' },
  { id: 'change-in', type: 'http-server-in', server: 'server', path: '/change/<id>', wires: [['change']] },
  {
    id: 'change',
    type: 'change',
    rules: [
      { t: 'set', p: 'payload', pt: 'msg', to: '{}', tot: 'json' },
      { t: 'set', p: 'payload.id', pt: 'msg', to: 'req.params.id', tot: 'msg' },
      { t: 'set', p: 'payload.agent', pt: 'msg', to: 'req.headers["user-agent"]', tot: 'msg' },
      { t: 'set', p: 'payload.sum', pt: 'msg', to: '$number(req.query.a) + $number(req.query.b)', tot: 'jsonata' },
      { t: 'set', p: 'payload.names', pt: 'msg', to: '$keys(req.cookies)', tot: 'jsonata' },
      { t: 'set', p: 'payload.ip', pt: 'msg', to: 'req.ip', tot: 'msg' },
    ],
    wires: [['out']],
  },
  { id: 'switch-in', type: 'http-server-in', server: 'server', path: '/switch', wires: [['switch']] },
  {
    id: 'switch',
    type: 'switch',
    property: 'req.method',
    propertyType: 'msg',
    rules: [{ t: 'eq', v: 'GET', vt: 'str' }, { t: 'else' }],
    checkall: 'false',
    outputs: 2,
    wires: [['read'], ['write']],
  },
  ...['read', 'write'].map((id) => ({
    id,
    type: 'change',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: id, tot: 'str' }],
    wires: [['out']],
  })),
  { id: 'debug-in', type: 'http-server-in', server: 'server', path: '/debug/<id>', wires: [['debug', 'fork']] },
  { id: 'debug', type: 'debug', active: true, tosidebar: true, complete: 'true', targetType: 'full' },
  { id: 'fork', type: 'function', func: "msg.payload = 'forked'; return msg;", wires: [['out']] },
  { id: 'fork-in', type: 'http-server-in', server: 'server', path: '/fork', wires: [['left', 'right']] },
  { id: 'left', type: 'function', func: 'msg.req.fromLeft = true; msg.own = 1; return null;', wires: [[]] },
  {
    id: 'right',
    type: 'function',
    func: 'setTimeout(() => { msg.payload = [msg.req.fromLeft === true, msg.own === undefined]; node.send(msg); }, 20);',
    wires: [['out']],
  },
  {
    id: 'stream-in',
    type: 'http-server-in',
    server: 'server',
    path: '/stream',
    body: 'stream',
    wires: [['hold', 'count']],
  },
  {
    id: 'hold',
    type: 'function',
    func: "flow.set('kind', Object.prototype.toString.call(msg.payload)); return null;",
    wires: [[]],
  },
  {
    id: 'count',
    type: 'function',
    func: "let size = 0; for await (const chunk of msg.payload) size += chunk.length; msg.payload = { size, kind: flow.get('kind') }; return msg;",
    wires: [['out']],
  },
  { id: 'fail-in', type: 'http-server-in', server: 'server', path: '/fail', wires: [['fail']] },
  {
    id: 'fail',
    type: 'function',
    func: 'msg.payload = {}; msg.payload.self = msg.payload; return msg;',
    wires: [['out']],
  },
  { id: 'throw-in', type: 'http-server-in', server: 'server', path: '/throw', wires: [['throw']] },
  { id: 'throw', type: 'function', func: "throw new Error('of the flow');", wires: [[]] },
  { id: 'none', type: 'inject', props: [{ p: 'payload' }], wires: [['out', 'bare-route', 'bare-file']] },
  { id: 'bare-route', type: 'route', rules: [{ path: '/x' }], wires: [[]] },
  { id: 'bare-file', type: 'file-response', rootPath: '/' },
];

describe('The message of a request', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(nodes, { responseTimeout: 1 });
  });
  after(() => flow.stop());

  const json = async (request: string): Promise<Record<string, unknown>> =>
    JSON.parse((await ask(flow.port, request)).text) as Record<string, unknown>;
  const payload = async (request: string): Promise<unknown> => (await json(request))['payload'];

  it('has _msgid, payload, req and res, and nothing else', async () => {
    const shown = await json(get('/x'));
    assert.deepEqual([shown['keys'], shown['id']], [['_msgid', 'payload', 'req', 'res'], 'string']);
  });

  it('payload: the query, where the method carries no body', async () => {
    assert.deepEqual(await payload(get('/x?a=1&a=2&b=%C3%BC+x&c&a[b]=3&=e')), {
      a: ['1', '2'],
      b: 'ü x',
      c: '',
      'a[b]': '3',
      '': 'e',
    });
    assert.deepEqual(await payload(get('/x')), {});
    assert.deepEqual(await payload(requestText('OPTIONS', '/x?q=1')), { q: '1' });
    assert.deepEqual(await payload(requestText('PROPFIND', '/x?q=1')), { q: '1' });
  });

  it('payload: the body, where there is one or the method means one', async () => {
    const type = (name: string): string => `Content-Type: ${name}`;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      assert.deepEqual(await payload(requestText(method, '/x?q=1')), {}, method);
    assert.deepEqual(await payload(post('/x?q=1', '{"b":1}', type('application/json'))), { b: 1 });
    assert.deepEqual(await payload(post('/x', '{"b":1}', type('application/json')).replace('POST', 'GET')), { b: 1 });
    assert.deepEqual(await payload(post('/x', '{"b":1}', type('application/json')).replace('POST', 'PROPFIND')), {
      b: 1,
    });
    for (const [body, name, expected] of [
      ['"text"', 'application/json', 'text'],
      ['null', 'application/vnd.x+json', null],
      ['[1]', 'application/json; charset=utf-8', [1]],
      ['a=1&b=x+y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'x y' }],
      ['a=1', 'text/plain', 'a=1'],
      ['<a/>', 'application/xml', '<a/>'],
      ['<a/>', 'image/svg+xml', '<a/>'],
      ['<p>', 'text/html', '<p>'],
      ['bytes', 'application/octet-stream', { type: 'Buffer', data: [...Buffer.from('bytes')] }],
      ['bytes', 'application/cbor', { type: 'Buffer', data: [...Buffer.from('bytes')] }],
    ] as const) {
      const shown = await json(post('/x', body, type(name)));
      assert.deepEqual(shown['payload'], expected, name);
      assert.deepEqual(shown['body'], expected);
    }
  });

  it('T21 T23 names that could poison are dropped, too many parameters are refused', async () => {
    assert.deepEqual(await payload(get('/x?__proto__=1&constructor=2&prototype=3&a=4')), { a: '4' });
    assert.deepEqual(await payload(post('/x', '__proto__=1&a=2', 'Content-Type: application/x-www-form-urlencoded')), {
      a: '2',
    });
    assert.equal(
      (await ask(flow.port, post('/x', '{"__proto__":{"x":1}}', 'Content-Type: application/json'))).status,
      400,
    );
    assert.equal((await ask(flow.port, get(`/x?${'a=1&'.repeat(1001)}`))).status, 400);
    assert.equal(
      (await ask(flow.port, get(`/x?${Array.from({ length: 1000 }, (_, index) => `a${index}`).join('&')}`))).status,
      200,
    );
  });

  it('Change, Switch and JSONata nodes read the request', async () => {
    assert.deepEqual(await json(get('/change/7?a=1&b=2', 'User-Agent: me', 'Cookie: x=1; y=2')), {
      id: '7',
      agent: 'me',
      sum: 3,
      names: ['x', 'y'],
      ip: '127.0.0.1',
    });
    assert.equal((await ask(flow.port, get('/switch'))).text, '"read"');
    assert.equal((await ask(flow.port, post('/switch', '{}'))).text, '"write"');
  });

  it('Debug shows exactly the properties of the contract, no socket, and what a full message is', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${flow.nodeRed.port}/comms`);
    const shown: string[] = [];
    ws.on('message', (data: Buffer) => {
      for (const { topic, data: message } of JSON.parse(data.toString()) as {
        topic?: string;
        data?: { msg?: string };
      }[])
        if (topic === 'debug') shown.push(message?.msg ?? '');
    });
    await new Promise((done, fail) => ws.once('open', done).once('error', fail));
    ws.send(JSON.stringify({ subscribe: 'debug' }));
    const answer = await ask(flow.port, get('/debug/7?q=1', 'Cookie: a=1'));
    assert.equal(answer.text, '"forked"');
    const text = await waitFor('the debug message', () => shown[0]);
    ws.terminate();
    const message = JSON.parse(text) as { req: Record<string, unknown>; res: Record<string, unknown> };
    assert.equal(
      Object.keys(message.req).join(' '),
      'method url originalUrl path headers query params cookies body files ip ips hostname protocol secure route user upgrade',
    );
    assert.deepEqual(
      [message.req['params'], message.req['query'], message.req['cookies']],
      [{ id: '7' }, { q: '1' }, { a: '1' }],
    );
    assert.doesNotMatch(text, /_events|_readableState|parser|_handle/);
    assert.match(JSON.stringify(message.res['_res']), /internal/);
  });

  it('T86 branches of a forked wire share request and response, and have the rest for themselves', async () => {
    assert.equal((await ask(flow.port, get('/fork'))).text, '[true,true]');
  });

  it('T86 a request stream survives a fork and is read once', async () => {
    const answer = await json(post('/stream', 'x'.repeat(100_000)));
    assert.deepEqual(answer, { size: 100_000, kind: '[object RequestStream]' });
  });

  it('T85 a 500 carries an id that the log line carries too', async () => {
    const answer = await ask(flow.port, get('/fail', 'Accept: application/json'));
    const { requestId } = JSON.parse(answer.text) as { requestId: string };
    assert.equal(answer.get('x-request-id'), requestId);
    await flow.nodeRed.waitForLog(
      new RegExp(`\\[http-server-response:out\\] Request ${requestId} was answered with an error: The payload`),
    );
    assert.equal((await ask(flow.port, get('/fail'))).text, 'Internal Server Error');
  });

  it('T46 an error of another node ends in its Catch, and the client in a 504', async () => {
    await flow.caught();
    const answer: RawResponse = await ask(flow.port, get('/throw', 'Accept: application/json'));
    assert.deepEqual(
      [answer.status, JSON.parse(answer.text)],
      [504, { status: 504, error: 'Gateway Timeout', code: 'RESPONSE_TIMEOUT' }],
    );
    assert.deepEqual(
      (await flow.caught()).map(({ source }) => source),
      ['throw'],
    );
  });

  it('a message without a request is an error of the node that needs one, and nothing else', async () => {
    await flow.caught();
    await flow.nodeRed.admin('/inject/none', { method: 'POST' });
    const caught = await waitFor('three errors', async () => {
      const errors = await flow.caught();
      return errors.length > 0 ? errors : undefined;
    });
    assert.ok(caught.every(({ code }) => code === 'NO_RESPONSE'));
    assert.equal((await ask(flow.port, get('/x'))).status, 200);
  });
});
