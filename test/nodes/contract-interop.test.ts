/** With the core nodes, both ways, and with what packs of others call on a request and a response. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { RawClient, type RawResponse, ask, get, post, requestText } from '../support/raw-client.js';

const root = mkdtempSync(join(tmpdir(), 'contract-interop-'));
writeFileSync(join(root, 'a.txt'), 'file a');

/** A function node that calls the response itself, at the path of its id. */
const calls: Record<string, string> = {
  status: "msg.res._res.status(201).send('made')",
  chain: "msg.res._res.status(202).set('X-A', '1').set({ 'X-B': '2' }).type('txt').send('chained')",
  wrapper: "msg.res.status(203).send('by the wrapper')",
  wrapperSet: "msg.res.set('X-A', '1').append('X-A', '2').status(200).json({ a: 1 })",
  sendStatus: 'msg.res._res.sendStatus(401)',
  json: 'msg.res._res.json({ a: 1 })',
  jsonp: 'msg.res._res.status(200).jsonp({ a: 1 })',
  buffer: "msg.res._res.send(Buffer.from('b'))",
  object: 'msg.res._res.send({ a: 1 })',
  empty: 'msg.res._res.send()',
  cookie:
    "msg.res._res.cookie('a', 'b c', { httpOnly: true, maxAge: 1000 }).cookie('o', { x: 1 }).clearCookie('gone').send('x')",
  redirect: "msg.res._res.redirect('/there')",
  redirect303: "msg.res._res.redirect(303, 'https://other.test/')",
  location: "msg.res._res.location('/l').status(201).end()",
  vary: "msg.res._res.vary('Origin').vary(['Accept', 'origin']).send('x')",
  attachment: "msg.res._res.attachment('ä.csv').send('a,b')",
  type: "msg.res._res.type('.html').send('<p>'); msg.res._res.get('Content-Type')",
  contentType: "msg.res._res.contentType('application/json').send('{}')",
  append: "msg.res._res.append('Set-Cookie', 'a=1').append('Set-Cookie', ['b=2', 'c=3']).send('x')",
  sendFile: `msg.res._res.sendFile(${JSON.stringify(join(root, 'a.txt'))})`,
  sendFileRoot: `msg.res._res.sendFile('a.txt', { root: ${JSON.stringify(root)}, maxAge: 60000, headers: { 'X-A': '1' } })`,
  sendFileMissing: `msg.res._res.sendFile('none.txt', { root: ${JSON.stringify(root)} })`,
  sendFileOut: `msg.res._res.sendFile('../a.txt', { root: ${JSON.stringify(root)} })`,
  sendFileDone: `msg.res._res.sendFile('none.txt', { root: ${JSON.stringify(root)} }, (error) => msg.res._res.status(error.status).send('told ' + error.code))`,
  sendFileThrows: `msg.res._res.sendFile('a.txt', { root: ${JSON.stringify(root)} }, () => { throw new Error('in the callback') })`,
  download: `msg.res._res.download(${JSON.stringify(join(root, 'a.txt'))}, 'b.txt')`,
  raw: "const r = msg.res._res; r.setHeader('X-Raw', '1'); r.statusCode = 206; r.write('raw '); r.end('end')",
  writeHead: "msg.res._res.writeHead(207, 'Many', { 'X-Raw': '1' }); msg.res._res.end('head')",
  sse: "const r = msg.res._res; r.writeHead(200, { 'Content-Type': 'text/event-stream' }); r.write('data: 1\\n\\n'); r.flush && r.flush(); r.req.on('close', () => {}); r.end()",
  multipart:
    "const r = msg.res._res; r.set({ 'Content-Type': 'multipart/x-mixed-replace' }); r.cookie('a', '1'); r.status(200); r.on('drain', () => {}); r.write('part'); const ok = r.connection.writable && r.socket._writableState.highWaterMark > 0; r.end(String(ok))",
  openapi:
    "const r = msg.res._res; if (typeof r.status === 'function' && !r.headersSent) r.set('X-A', '1').status(200).json({ ok: true })",
  twilio: "const r = msg.res._res; r.set('X-A', '1'); r.append('X-A', '2'); r.status(200).jsonp({ ok: true })",
  twice: "msg.res._res.send('one'); try { msg.res._res.send('two') } catch (e) { flow.set('twice', e.code) }",
  late: "msg.res._res.send('one'); try { msg.res._res.set('X-A', '1') } catch (e) { flow.set('late', e.code) }",
};

/** What packs of others read of a request. */
const reads = `{
  auth: req.get('Authorization'), header: req.header('X-Test'), referer: req.get('Referrer'),
  method: req.method, route: req.route, query: req.query, cookies: req.cookies, url: req.url, originalUrl: req.originalUrl,
  path: req.path, params: req.params, first: Object.values(req.params)[0], ip: req.ip, hostname: req.hostname, protocol: req.protocol, secure: req.secure,
  xhr: req.xhr, baseUrl: req.baseUrl, remote: req.socket.remoteAddress, connection: req.connection.remoteAddress,
  on: typeof req.on, user: typeof req.user, files: typeof req.files, keys: Object.keys(req.headers), res: msg.res._res.req === req,
  ended: msg.res._res.writableEnded, sent: msg.res._res.headersSent, class: req.constructor.name + msg.res._res.constructor.name,
}`;

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    id: 'route',
    type: 'route',
    rules: [
      { methods: [], path: '/core/<what>' },
      { path: '/reads/<name>/*' },
      { path: '/changed/*' },
      ...Object.keys(calls).map((id) => ({ path: `/${id}` })),
    ],
    otherwise: '404',
    outputs: Object.keys(calls).length + 3,
    wires: [['make'], ['reads'], ['rewrite'], ...Object.keys(calls).map((id) => [id])],
  },
  {
    id: 'make',
    type: 'function',
    func: "const code = msg.req.query.code; Function('msg', 'Buffer', code)(msg, Buffer); return msg;",
    wires: [['core-out']],
  },
  { id: 'core-out', type: 'http response', statusCode: '', headers: {} },
  { id: 'reads', type: 'function', func: `const { req } = msg; msg.payload = ${reads}; return msg;`, wires: [['out']] },
  {
    id: 'rewrite',
    type: 'function',
    func: "const { req } = msg; req.url = '/a.txt'; req.path = '/a.txt'; req.params = {}; req.user = { name: 'x' }; req.query = { q: '1' }; req.cookies = {}; req.body = 'b'; msg.payload = undefined; return msg;",
    wires: [['file']],
  },
  { id: 'file', type: 'file-response', rootPath: root },
  { id: 'out', type: 'http-server-response' },
  ...Object.entries(calls).map(([id, func]) => ({ id, type: 'function', func, wires: [[]] })),
  // Our nodes behind the core http in.
  ...['get', 'post'].map((method) => ({
    id: `core-${method}`,
    type: 'http in',
    url: '/ours/:id',
    method,
    wires: [['ours']],
  })),
  {
    id: 'ours',
    type: 'route',
    rules: [{ path: '/ours/<name>' }, { methods: ['POST'], path: '/ours/....' }],
    otherwise: '404',
    outputs: 2,
    wires: [['ours-set'], ['out']],
  },
  {
    id: 'ours-set',
    type: 'function',
    func: "msg.payload = { params: msg.req.params, route: msg.req.route.path, query: msg.req.query }; msg.cookies = { a: '1' }; msg.headers = { 'X-List': ['1', '2'] }; return msg;",
    wires: [['out']],
  },
  { id: 'core-file', type: 'http in', url: '/file/*', method: 'get', wires: [['file']] },
  { id: 'core-chunks', type: 'http in', url: '/chunks', method: 'get', wires: [['split']] },
  {
    id: 'split',
    type: 'function',
    func: "return [[{ ...msg, payload: 'a' }, { ...msg, payload: 'b', complete: true }]];",
    wires: [['chunked']],
  },
  { id: 'chunked', type: 'http-server-response', mode: 'chunked' },
  { id: 'core-stream', type: 'http in', url: '/stream', method: 'get', wires: [['stream']] },
  {
    id: 'stream',
    type: 'function',
    func: "msg.payload = (function* () { yield 'x'; yield 'y'; })(); node.send(msg, false);",
    wires: [['out']],
  },
  { id: 'core-bad', type: 'http in', url: '/bad', method: 'get', wires: [['bad']] },
  { id: 'bad', type: 'function', func: "msg.headers = { 'X-A': 'a\\nb' }; return msg;", wires: [['out']] },
  { id: 'core-twice', type: 'http in', url: '/twice', method: 'get', wires: [['out', 'out2']] },
  { id: 'out2', type: 'http-server-response' },
  { id: 'core-noroot', type: 'http in', url: '/noroot/*', method: 'get', wires: [['noroot']] },
  { id: 'noroot', type: 'file-response' },
  // Requests the flow makes itself.
  { id: 'relay-in', type: 'http-server-in', server: 'server', path: '/relay/<how>', wires: [['relay']] },
  { id: 'relay', type: 'http request', method: 'GET', ret: 'txt', url: '', wires: [['change']] },
  { id: 'relay-url', type: 'http-server-in', server: 'server', path: '/upstream', wires: [['upstream']] },
  {
    id: 'upstream',
    type: 'function',
    func: "msg.payload = 'up'; msg.headers = { 'X-Upstream': '1', 'Content-Type': 'text/x-up' }; return msg;",
    wires: [['out']],
  },
  {
    id: 'change',
    type: 'function',
    func: "if (msg.req.params.how === 'changed') msg.headers['x-mine'] = '1'; return msg;",
    wires: [['out']],
  },
];

describe('Interoperation', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(nodes, {}, {});
  });
  after(async () => {
    await flow.stop();
    rmSync(root, { recursive: true });
  });

  const at = (path: string, ...headers: string[]): Promise<RawResponse> => ask(flow.port, get(path, ...headers));
  const core = (code: string, ...headers: string[]): Promise<RawResponse> =>
    at(`/core/x?callback=run&code=${encodeURIComponent(code)}`, ...headers);

  for (const [code, status, type, text] of [
    ["msg.payload = 'text'", 200, 'text/html; charset=utf-8', 'text'],
    ['msg.payload = 5', 200, 'text/html; charset=utf-8', '5'],
    ['msg.payload = { a: 1 }', 200, 'application/json; charset=utf-8', '{"a":1}'],
    ['msg.payload = null', 200, 'application/json; charset=utf-8', 'null'],
    ["msg.payload = Buffer.from('b')", 200, 'application/octet-stream', 'b'],
    [
      "msg.payload = 'x'; msg.statusCode = 418; msg.headers = { 'content-type': 'text/css' }",
      418,
      'text/css; charset=utf-8',
      'x',
    ],
    ['delete msg.payload; msg.statusCode = 204', 204, undefined, ''],
  ] as const)
    it(`the core http response answers our request: ${code}`, async () => {
      const answer = await core(code);
      assert.deepEqual([answer.status, answer.get('content-type'), answer.text], [status, type, text]);
    });

  it('T44 the core http response sends no JSONP, whatever the query says', async () => {
    const answer = await core('msg.payload = { a: 1 }');
    assert.deepEqual([answer.text, answer.get('x-content-type-options')], ['{"a":1}', 'nosniff']);
  });

  it('the core http response sets cookies and headers on our response', async () => {
    const answer = await core(
      "msg.payload = 'x'; msg.cookies = { a: 'b c', gone: null, o: { value: '1', httpOnly: true } }; msg.headers = { 'X-List': ['1', '2'] }",
    );
    assert.deepEqual(answer.all('set-cookie'), [
      'a=b%20c; Path=/',
      'gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      'o=1; Path=/; HttpOnly',
    ]);
    assert.deepEqual(answer.all('x-list'), ['1', '2']);
  });

  for (const [id, expected] of Object.entries({
    status: [201, 'made'],
    chain: [202, 'chained', 'x-a', '1', 'x-b', '2', 'content-type', 'text/plain; charset=utf-8'],
    wrapper: [203, 'by the wrapper'],
    wrapperSet: [200, '{"a":1}'],
    sendStatus: [401, 'Unauthorized', 'content-type', 'text/plain; charset=utf-8'],
    json: [200, '{"a":1}', 'content-type', 'application/json; charset=utf-8'],
    jsonp: [200, '{"a":1}'],
    buffer: [200, 'b', 'content-type', 'application/octet-stream'],
    object: [200, '{"a":1}'],
    empty: [200, '', 'content-length', '0'],
    redirect: [302, '', 'location', '/there'],
    redirect303: [303, '', 'location', 'https://other.test/'],
    location: [201, '', 'location', '/l'],
    vary: [200, 'x', 'vary', 'Origin, Accept'],
    attachment: [
      200,
      'a,b',
      'content-type',
      'text/csv; charset=utf-8',
      'content-disposition',
      'attachment; filename="?.csv"; filename*=UTF-8\'\'%C3%A4.csv',
    ],
    type: [200, '<p>', 'content-type', 'text/html; charset=utf-8'],
    contentType: [200, '{}', 'content-type', 'application/json; charset=utf-8'],
    sendFile: [200, 'file a', 'content-type', 'text/plain; charset=utf-8'],
    sendFileRoot: [200, 'file a', 'cache-control', 'public, max-age=60', 'x-a', '1'],
    sendFileMissing: [404, 'Not Found'],
    sendFileOut: [403, 'Forbidden'],
    sendFileDone: [404, 'told FILE_NOT_FOUND'],
    sendFileThrows: [200, 'file a'],
    download: [200, 'file a', 'content-disposition', 'attachment; filename="b.txt"'],
    raw: [206, 'raw end', 'x-raw', '1'],
    writeHead: [207, 'head', 'x-raw', '1'],
    sse: [200, 'data: 1\n\n', 'content-type', 'text/event-stream'],
    multipart: [200, 'parttrue', 'set-cookie', 'a=1; Path=/'],
    openapi: [200, '{"ok":true}', 'x-a', '1'],
    twilio: [200, '{"ok":true}'],
  }))
    it(`packs of others may call: ${calls[id] ?? ''}`, async () => {
      const [status, text, ...headers] = expected;
      const answer = await at(`/${id}?callback=x`);
      assert.deepEqual([answer.status, answer.text], [status, text]);
      for (let index = 0; index < headers.length; index += 2)
        assert.equal(answer.get(String(headers[index])), headers[index + 1]);
    });

  it('cookies and repeated headers by hand', async () => {
    const cookies = (await at('/cookie')).all('set-cookie').map((line) => line.replace(/Expires=[^;]+/, 'Expires=…'));
    assert.deepEqual(cookies, [
      'a=b%20c; Path=/; Max-Age=1; Expires=…; HttpOnly',
      'o=j%3A%7B%22x%22%3A1%7D; Path=/',
      'gone=; Path=/; Expires=…',
    ]);
    assert.deepEqual((await at('/append')).all('set-cookie'), ['a=1', 'b=2', 'c=3']);
    assert.deepEqual((await at('/wrapperSet')).all('x-a'), ['1', '2']);
  });

  it('T45 a second answer by hand throws ALREADY_ANSWERED', async () => {
    for (const id of ['twice', 'late']) {
      assert.equal((await at(`/${id}`)).text, 'one');
      const { text } = await core(`msg.payload = 'unused'`);
      assert.equal(text, 'unused');
    }
  });

  it('packs of others may read the request', async () => {
    const answer = await at(
      '/reads/joe/a/b%20c?q=1&q=2&r=%C3%BC',
      'Authorization: Basic eDp5',
      'X-Test: t',
      'Referer: http://r.test/',
      'Cookie: a=b%20c; d="e"',
      'X-Requested-With: XMLHttpRequest',
    );
    const { keys, ...seen } = JSON.parse(answer.text) as Record<string, unknown>;
    assert.deepEqual(seen, {
      auth: 'Basic eDp5',
      header: 't',
      referer: 'http://r.test/',
      method: 'GET',
      route: { path: '/reads/<name>/*', methods: { get: true } },
      query: { q: ['1', '2'], r: 'ü' },
      cookies: { a: 'b c', d: 'e' },
      url: '/reads/joe/a/b%20c?q=1&q=2&r=%C3%BC',
      originalUrl: '/reads/joe/a/b%20c?q=1&q=2&r=%C3%BC',
      path: '/reads/joe/a/b%20c',
      params: { 0: 'a/b c', name: 'joe' },
      first: 'a/b c',
      ip: '127.0.0.1',
      hostname: 'test',
      protocol: 'http',
      secure: false,
      xhr: true,
      baseUrl: '',
      remote: '127.0.0.1',
      connection: '127.0.0.1',
      on: 'function',
      user: 'undefined',
      files: 'undefined',
      res: true,
      ended: false,
      sent: false,
      class: 'IncomingMessageServerResponse',
    });
    assert.ok((keys as string[]).includes('x-test'));
  });

  it('a flow may set what it reads', async () => {
    assert.equal((await at('/changed/x')).text, 'file a');
  });

  it('our route and response serve requests of the core http in', async () => {
    const answer = await flow.nodeRed.admin('/ours/7?a=1');
    assert.deepEqual(await answer.json(), { params: { id: '7', name: '7' }, route: '/ours/<name>', query: { a: '1' } });
    assert.equal(answer.headers.get('x-list'), '1, 2');
    assert.equal(answer.headers.getSetCookie()[0], 'a=1; Path=/');
    const posted = await flow.nodeRed.admin('/ours/x', {
      method: 'POST',
      body: '{"b":2}',
      headers: { 'Content-Type': 'application/json' },
    });
    assert.deepEqual(await posted.json(), { b: 2 });
  });

  it('our files, chunks and streams serve requests of the core http in', async () => {
    assert.equal(await (await flow.nodeRed.admin('/file/a.txt')).text(), 'file a');
    assert.equal((await flow.nodeRed.admin('/file/a.txt', { headers: { Range: 'bytes=0-1' } })).status, 206);
    assert.equal(await (await flow.nodeRed.admin('/chunks')).text(), 'ab');
    assert.equal(await (await flow.nodeRed.admin('/stream')).text(), 'xy');
  });

  it('T38 T45 refusals on requests of the core http in: a 500, one answer, errors for Catch', async () => {
    await flow.caught();
    assert.equal((await flow.nodeRed.admin('/bad')).status, 500);
    assert.equal((await flow.nodeRed.admin('/twice')).status, 200);
    assert.deepEqual(
      (await flow.caught()).map(({ source, code }) => [source, code]),
      [
        ['out', 'INVALID_HEADER'],
        ['out2', 'ALREADY_ANSWERED'],
      ],
    );
  });

  it('a file without a root folder, for a request of the core http in: 404 and an error for Catch', async () => {
    await flow.caught();
    assert.equal((await flow.nodeRed.admin('/noroot/a.txt')).status, 404);
    assert.deepEqual(
      (await flow.caught()).map(({ source, code }) => [source, code]),
      [['noroot', 'FILES_DISABLED']],
    );
  });

  it('headers an http request node left behind are not replayed, unless the flow changed them', async () => {
    const url = `http://127.0.0.1:${flow.port}/upstream`;
    await flow.nodeRed.deploy(
      LiveFlow.flows(
        nodes.map((node) => (node['id'] === 'relay' ? { ...node, url } : node)),
        flow.port,
      ),
    );
    const relayed = await at('/relay/plain');
    assert.deepEqual(
      [relayed.text, relayed.get('x-upstream'), relayed.get('content-type')],
      ['up', undefined, 'text/html; charset=utf-8'],
    );
    const changed = await at('/relay/changed');
    assert.deepEqual(
      [changed.get('x-upstream'), changed.get('x-mine'), changed.get('x-node-red-request-node')],
      ['1', '1', undefined],
    );
  });
});

describe('Defects of the core nodes that are not here', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start([
      { id: 'in', type: 'http-server-in', server: 'server', wires: [['make']] },
      {
        id: 'make',
        type: 'function',
        func: "Function('msg', msg.req.query.code || '')(msg); return msg;",
        wires: [['out']],
      },
      { id: 'out', type: 'http-server-response' },
      { id: 'raw', type: 'http-server-in', server: 'server', path: '/raw/<p>', body: 'raw', wires: [['kind']] },
      { id: 'form', type: 'http-server-in', server: 'server', path: '/form', rawBody: true, wires: [['kind']] },
      {
        id: 'kind',
        type: 'function',
        func: 'msg.payload = { buffer: Buffer.isBuffer(msg.payload), value: Buffer.isBuffer(msg.payload) ? msg.payload.toString() : msg.payload, raw: msg.req.rawBody && msg.req.rawBody.toString() }; return msg;',
        wires: [['out']],
      },
    ]);
  });
  after(() => flow.stop());
  const at = (code: string): Promise<RawResponse> =>
    ask(flow.port, get(`/?callback=x&code=${encodeURIComponent(code)}`));

  it('a boolean is an answer', async () => {
    assert.equal((await at('msg.payload = true')).text, 'true');
    assert.equal((await at('msg.payload = false')).text, 'false');
  });

  it('a header or status that cannot be does not leave the client waiting', async () => {
    for (const code of ["msg.headers = { 'X-A': '\\n' }", 'msg.statusCode = 1', "msg.statusCode = 'x'"])
      assert.equal((await at(code)).status, 500);
  });

  it('T85 an error answer holds no stack and no path, in text or JSON', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html']) {
      const { text } = await ask(
        flow.port,
        get(`/?code=${encodeURIComponent('msg.payload = {}; msg.payload.a = msg.payload')}`, `Accept: ${accept}`),
      );
      assert.doesNotMatch(text, /node_modules|\.js|at |\/tmp|circular/);
    }
    const malformed = await ask(flow.port, post('/', '{"a":', 'Content-Type: application/json'));
    assert.deepEqual([malformed.status, malformed.text], [400, 'Bad Request']);
  });

  it('T44 objects are JSON, not JSONP', async () => {
    assert.equal((await at('msg.payload = { a: 1 }')).text, '{"a":1}');
  });

  it('the raw body is raw on paths with parameters too', async () => {
    const answer = await ask(flow.port, post('/raw/7', '{"a":1}', 'Content-Type: application/json'));
    assert.deepEqual(JSON.parse(answer.text), { buffer: true, value: '{"a":1}' });
  });

  it('a parsed body keeps its bytes beside it where the node says so', async () => {
    const answer = await ask(flow.port, post('/form', 'a=1&a=2', 'Content-Type: application/x-www-form-urlencoded'));
    assert.deepEqual(JSON.parse(answer.text), { buffer: false, value: { a: ['1', '2'] }, raw: 'a=1&a=2' });
  });

  it('+json is parsed, and a wrong method is a 405', async () => {
    const answer = await ask(flow.port, post('/', '{"a":1}', 'Content-Type: application/problem+json'));
    assert.equal(answer.text, '{"a":1}');
    const options = await ask(flow.port, requestText('OPTIONS', '/raw/1'));
    assert.equal(options.status, 200, 'a door for any method gets OPTIONS too');
  });

  it('a client that leaves is known: close comes while writableEnded is false, and aborted is true', async () => {
    await at('global = undefined');
    const client = await RawClient.open(flow.port);
    client.send(
      get(
        `/?code=${encodeURIComponent("const r = msg.res._res; delete msg.res; globalThis.left = undefined; r.on('close', () => { globalThis.left = [r.writableEnded, r.req.aborted] });")}`,
      ),
    );
    await new Promise((done) => setTimeout(done, 150));
    client.destroy();
    let seen = '';
    for (let left = 100; left > 0 && seen !== '[false,true]'; left -= 1)
      seen = (await at('msg.payload = JSON.stringify(globalThis.left || null)')).text;
    assert.equal(seen, '[false,true]');
  });
});
