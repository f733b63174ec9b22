import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Comms } from '../support/comms.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, newUserDir } from '../support/node-red.js';
import { RawClient, ask, post, requestText } from '../support/raw-client.js';
import { eventually } from '../support/test-server.js';

const work = mkdtempSync(join(tmpdir(), 'flow-request-'));
const temporary = mkdtempSync(join(work, 'tmp-'));
const kept = join(work, 'kept');
after(() => rmSync(work, { recursive: true, force: true }));

/** Upload folders in the temporary folder of the Node-RED under test. */
const uploads = (): string[] => readdirSync(temporary).filter((name) => name.includes('node-red-http-server-'));

/** What a flow sees of a request, as JSON. */
const report = `
const { payload, req: { method, body, rawBody, files, query, cookies, formData } } = msg;
const kind = Buffer.isBuffer(payload) ? 'Buffer' : payload === null ? 'null' : typeof payload;
msg.payload = {
  kind, payload: Buffer.isBuffer(payload) ? payload.toString('latin1') : payload, same: payload === body, method, query, cookies,
  raw: rawBody && rawBody.toString('latin1'),
  files: files && files.map(({ buffer, path, ...rest }) => ({ ...rest, text: buffer && buffer.toString(), path })),
  form: formData.toJSON(), safe: formData.get('a'),
};
return msg;`;

const nodes: Flow = [
  { id: 'show-in', type: 'http-server-in', server: 'server', path: '/show', rawBody: true, wires: [['show']] },
  { id: 'show', type: 'function', func: report, wires: [['json']] },
  { id: 'raw-in', type: 'http-server-in', server: 'server', path: '/raw', body: 'raw', wires: [['show']] },
  { id: 'off-in', type: 'http-server-in', server: 'server', path: '/off', upload: 'off', wires: [['show']] },
  { id: 'disk-in', type: 'http-server-in', server: 'server', path: '/disk', upload: 'disk', wires: [['show']] },
  {
    id: 'keep-in',
    type: 'http-server-in',
    server: 'server',
    path: '/keep',
    upload: 'disk',
    uploadDir: kept,
    wires: [['show']],
  },
  { id: 'sizes-in', type: 'http-server-in', server: 'server', path: '/sizes', wires: [['sizes']] },
  {
    id: 'sizes',
    type: 'function',
    func: 'msg.payload = msg.req.files.map(({ size }) => size); return msg;',
    wires: [['json']],
  },
  { id: 'lost-in', type: 'http-server-in', server: 'server', path: '/lost', upload: 'disk', wires: [[]] },
  { id: 'files-in', type: 'http-server-in', server: 'server', path: '/files/....', wires: [['files']] },
  { id: 'files', type: 'file-response', rootPath: kept },
  {
    id: 'stream-in',
    type: 'http-server-in',
    server: 'server',
    path: '/stream',
    body: 'stream',
    bodyLimit: '1mb',
    wires: [['count', 'idle']],
  },
  {
    id: 'count',
    type: 'function',
    func: `let bytes = 0;
msg.payload.on('data', (chunk) => (bytes += chunk.length)).on('end', () => node.send({ ...msg, payload: { bytes } })).on('error', (error) => global.set('streamError', error.code));`,
    wires: [['json']],
  },
  { id: 'idle', type: 'function', func: 'return null;', wires: [[]] },
  { id: 'stream-error-in', type: 'http-server-in', server: 'server', path: '/stream-error', wires: [['stream-error']] },
  {
    id: 'stream-error',
    type: 'function',
    func: "msg.payload = { code: global.get('streamError') || null }; return msg;",
    wires: [['json']],
  },
  {
    id: 'core-in',
    type: 'http-server-in',
    server: 'server',
    path: '/tools/<name>',
    methods: ['GET', 'POST'],
    wires: [['change', 'debug-req', 'debug-msg']],
  },
  {
    id: 'change',
    type: 'change',
    rules: [
      { t: 'set', p: 'seen.query', pt: 'msg', to: 'req.query', tot: 'msg' },
      { t: 'set', p: 'seen.name', pt: 'msg', to: 'req.params.name', tot: 'msg' },
      { t: 'set', p: 'seen.cookie', pt: 'msg', to: 'req.cookies.c', tot: 'msg' },
      { t: 'set', p: 'seen.agent', pt: 'msg', to: 'req.headers["x-agent"]', tot: 'msg' },
      { t: 'set', p: 'seen.body', pt: 'msg', to: 'req.body', tot: 'msg' },
      { t: 'set', p: 'seen.ip', pt: 'msg', to: 'req.ip', tot: 'msg' },
      { t: 'set', p: 'seen.route', pt: 'msg', to: 'req.route', tot: 'msg' },
      {
        t: 'set',
        p: 'seen.jsonata',
        pt: 'msg',
        to: 'req.method & " " & req.path & " " & req.protocol & " " & req.hostname & " " & $string(req.secure) & " " & $join(req.query.a, "+")',
        tot: 'jsonata',
      },
    ],
    wires: [['switch']],
  },
  {
    id: 'switch',
    type: 'switch',
    property: 'req.method',
    propertyType: 'msg',
    rules: [{ t: 'eq', v: 'GET', vt: 'str' }, { t: 'else' }],
    checkall: 'false',
    outputs: 2,
    wires: [['was-get'], ['was-other']],
  },
  {
    id: 'was-get',
    type: 'change',
    rules: [{ t: 'set', p: 'seen.switch', pt: 'msg', to: 'GET', tot: 'str' }],
    wires: [['seen']],
  },
  {
    id: 'was-other',
    type: 'change',
    rules: [{ t: 'set', p: 'seen.switch', pt: 'msg', to: 'other', tot: 'str' }],
    wires: [['seen']],
  },
  {
    id: 'seen',
    type: 'change',
    rules: [{ t: 'move', p: 'seen', pt: 'msg', to: 'payload', tot: 'msg' }],
    wires: [['json']],
  },
  { id: 'debug-req', type: 'debug', active: true, tosidebar: true, complete: 'req', targetType: 'msg' },
  { id: 'debug-msg', type: 'debug', active: true, tosidebar: true, complete: 'true', targetType: 'full' },
  { id: 'cookies-in', type: 'http-server-in', server: 'server', path: '/cookies', wires: [['cookies']] },
  {
    id: 'cookies',
    type: 'function',
    func: `msg.cookies = { count: String(Number(msg.req.cookies.count || 0) + 1), gone: null, full: { value: 'ü;', httpOnly: true, maxAge: 60000 } };
if (msg.req.query.bad) msg.cookies = { [msg.req.query.bad]: '1' };
msg.headers = { 'Set-Cookie': 'manual=1' }; msg.payload = msg.req.cookies; return msg;`,
    wires: [['json']],
  },
  { id: 'json', type: 'http-server-response', mode: 'json' },
];

interface Report {
  kind: string;
  payload: unknown;
  same: boolean;
  method: string;
  raw?: string;
  files?: { fieldname: string; originalname: string; mimetype: string; size: number; text?: string; path?: string }[];
  form: Record<string, string[]>;
  safe?: string;
  cookies: Record<string, string>;
}

describe('what a request carries, in a flow', () => {
  let flow: LiveFlow;
  let comms: Comms;

  before(async () => {
    flow = await LiveFlow.start(nodes, {}, { env: { TMPDIR: temporary } });
    comms = await Comms.open(flow.nodeRed);
  });
  after(async () => {
    comms.close();
    await flow.stop();
  });

  const show = async (path: string, init: RequestInit): Promise<Report> => {
    const response = await flow.get(path, init);
    assert.equal(response.status, 200);
    return (await response.json()) as Report;
  };

  const sent = { name: 'Žofie & <b>', note: 'a+b=c%20\r\nsecond line' };

  describe('the same form by fetch, curl and raw sockets', () => {
    it('urlencoded', async () => {
      const body = new URLSearchParams(sent);
      const byFetch = await show('/show', { method: 'POST', body });
      assert.deepEqual(byFetch.payload, sent);
      assert.equal(byFetch.same, true);
      assert.equal(byFetch.raw, body.toString());
      const byCurl = await curl(
        '/show',
        ...Object.entries(sent).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
      );
      assert.deepEqual(byCurl.payload, sent);
      const client = await RawClient.open(flow.port);
      const request = post('/show', body.toString(), 'Content-Type: application/x-www-form-urlencoded');
      await client.sendApart(request.match(/.{1,7}/gs) ?? []);
      const bySocket = JSON.parse((await client.response()).text) as Report;
      assert.deepEqual(bySocket.payload, sent);
      client.destroy();
    });

    it('multipart, with files', async () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(sent)) form.append(name, value);
      form.append('doc', new Blob(['bytes ü'], { type: 'text/plain' }), 'grüße.txt');
      const byFetch = await show('/show', { method: 'PUT', body: form });
      assert.deepEqual(byFetch.payload, sent);
      assert.deepEqual(byFetch.form, { name: [sent.name], note: [sent.note] });
      const expected = {
        fieldname: 'doc',
        originalname: 'grüße.txt',
        encoding: '7bit',
        mimetype: 'text/plain',
        size: 8,
        text: 'bytes ü',
      };
      assert.deepEqual(byFetch.files, [expected]);
      const path = join(work, 'grüße.txt');
      writeFileSync(path, 'bytes ü');
      const byCurl = await curl(
        '/show',
        '-X',
        'PATCH',
        '-F',
        `name=${sent.name}`,
        '-F',
        `note=${sent.note}`,
        '-F',
        `doc=@${path}`,
      );
      assert.deepEqual(byCurl.payload, sent);
      assert.equal(byCurl.method, 'PATCH');
      assert.deepEqual(byCurl.files, [expected]);
    });

    it('text/plain', async () => {
      const { payload, form, safe } = await show('/show', {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain' },
        body: 'a=<b>\r\nnothing',
      });
      assert.equal(payload, 'a=<b>\r\nnothing');
      assert.deepEqual(form, { a: ['<b>'], nothing: [''] });
      assert.equal(safe, '&lt;b&gt;');
    });
  });

  it('JSON of any method and +json type, XML and text as text, all else as Buffer', async () => {
    const kinds: [method: string, type: string, body: string, kind: string, payload: unknown][] = [
      ['POST', 'application/json', '{"a":[1]}', 'object', { a: [1] }],
      ['PUT', 'application/json', '5', 'number', 5],
      ['PATCH', 'application/merge-patch+json', 'null', 'null', null],
      ['DELETE', 'application/json', '[]', 'object', []],
      ['POST', 'application/xml', '<a/>', 'string', '<a/>'],
      ['POST', 'image/svg+xml', '<svg/>', 'string', '<svg/>'],
      ['POST', 'text/csv', 'a,b', 'string', 'a,b'],
      ['POST', 'application/x-thing', 'a,b', 'Buffer', 'a,b'],
      ['POST', 'image/png', '\x89PNG', 'Buffer', '\x89PNG'],
    ];
    for (const [method, type, body, kind, payload] of kinds) {
      const bytes = Buffer.from(body, 'latin1');
      const shown = await show('/show', { method, headers: { 'Content-Type': type }, body: bytes });
      assert.deepEqual([shown.kind, shown.payload, shown.raw], [kind, payload, body], type);
    }
    const search = `${requestText('GET', '/show', ['Content-Type: application/json', 'Content-Length: 7'])}{"q":1}`;
    assert.deepEqual((JSON.parse((await ask(flow.port, search)).text) as Report).payload, { q: 1 });
  });

  it('the upload setting changes nothing for a body that is not multipart', async () => {
    for (const path of ['/disk', '/keep', '/off']) {
      assert.deepEqual((await show(path, { method: 'POST', body: new URLSearchParams(sent) })).payload, sent);
      const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' };
      assert.deepEqual((await show(path, json)).payload, { a: 1 });
    }
    const form = new FormData();
    form.append('a', '1');
    assert.equal((await flow.get('/off', { method: 'POST', body: form })).status, 415);
  });

  it('T19 a compressed body is decoded', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    assert.deepEqual((await show('/show', { method: 'POST', headers, body: gzipSync('{"a":1}') })).payload, { a: 1 });
    const bomb = await flow.get('/show', { method: 'POST', headers, body: gzipSync(Buffer.alloc(50e6)) });
    assert.equal(bomb.status, 413);
    const two = await flow.get('/show', {
      method: 'POST',
      headers: { ...headers, 'Content-Encoding': 'gzip, br' },
      body: 'x',
    });
    assert.equal(two.status, 415);
  });

  it('raw is a Buffer whatever the type', async () => {
    const shown = await show('/raw', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a"' });
    assert.deepEqual([shown.kind, shown.payload], ['Buffer', '{"a"']);
  });

  it('a file on disk is gone when the answer is sent, one in a folder of the user is kept and served in a sandbox', async () => {
    const form = new FormData();
    form.append('doc', new Blob(['<script>1</script>'], { type: 'text/html' }), '../evil page.html');
    const [gone] = (await show('/disk', { method: 'POST', body: form })).files ?? [];
    assert.ok(gone?.path?.startsWith(temporary));
    await eventually('the file is gone', () => uploads().length === 0);
    const [stays] = (await show('/keep', { method: 'POST', body: form })).files ?? [];
    assert.equal(stays?.originalname, 'evil page.html');
    const name = stays.path?.slice(kept.length + 1) ?? '';
    assert.match(name, /^evil_page-[\da-f]{16}\.html$/);
    assert.equal(readFileSync(join(kept, name), 'utf8'), '<script>1</script>');
    const served = await flow.get(`/files/${name}`);
    assert.equal(await served.text(), '<script>1</script>');
    assert.match(served.headers.get('content-security-policy') ?? '', /^sandbox/);
    assert.equal(served.headers.get('x-content-type-options'), 'nosniff');
  });

  it('files of a request that a deploy cuts off are gone, and the client is told', async () => {
    const form = new FormData();
    form.append('doc', new Blob(['x']), 'a.txt');
    const answer = flow.get('/lost', { method: 'POST', body: form });
    await eventually('the flow has it', () => uploads().length === 1);
    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port), 'full');
    assert.equal((await answer).status, 503);
    await eventually('the file is gone', () => uploads().length === 0);
  });

  it('a stream survives a fork, is read once, and keeps the limit of its node', async () => {
    const count = async (size: number): Promise<Response> =>
      flow.get('/stream', { method: 'POST', body: Buffer.alloc(size) });
    assert.deepEqual(await (await count(500_000)).json(), { bytes: 500_000 });
    assert.equal((await count(1_100_000)).status, 413);
    const client = await RawClient.open(flow.port);
    client.send(requestText('POST', '/stream', ['Transfer-Encoding: chunked']));
    for (let sent = 0; sent < 9; sent += 1) client.send(`20000\r\n${'x'.repeat(0x20000)}\r\n`);
    assert.equal((await client.response()).status, 413);
    client.destroy();
    assert.deepEqual(await (await flow.get('/stream-error')).json(), { code: 'BODY_TOO_LARGE' });
  });

  it('T17 a stream gets 100 Continue when the flow reads', async () => {
    const client = await RawClient.open(flow.port);
    client.send(requestText('POST', '/stream', ['Content-Length: 3', 'Expect: 100-continue']));
    await client.until((pending) => pending.includes('100 Continue'));
    client.send('abc');
    const response = await client.response();
    assert.deepEqual([response.interim, JSON.parse(response.text)], [[100], { bytes: 3 }]);
    client.destroy();
  });

  it('the status of the node shows the bytes of a running upload', async () => {
    const client = await RawClient.open(flow.port);
    client.send(
      requestText('POST', '/disk', ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 3000000']),
    );
    client.send(`--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n${'x'.repeat(2_500_000)}`);
    const { data } = await comms.find(
      'the status',
      ({ topic, data: status }) => topic === 'status/disk-in' && /↑ 2\.\d MB$/.test(String(status['text'])),
    );
    assert.match(String(data['text']), /^http:\/\/127\.0\.0\.1:\d+ \(1\) ↑ 2\.\d MB$/);
    comms.events.length = 0;
    client.destroy();
    await comms.find(
      'the status without it',
      ({ topic, data: status }) => topic === 'status/disk-in' && !String(status['text']).includes('↑'),
    );
    await eventually('the file is gone', () => uploads().length === 0);
  });

  it('Change, Switch and JSONata read all of msg.req', async () => {
    const response = await flow.get('/tools/x%20y?a=1&a=2', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: 'c=v', 'X-Agent': 'me' },
      body: '{"b":1}',
    });
    assert.deepEqual(await response.json(), {
      query: { a: ['1', '2'] },
      name: 'x y',
      cookie: 'v',
      agent: 'me',
      body: { b: 1 },
      ip: '127.0.0.1',
      route: { path: '/tools/<name>', methods: { get: true, post: true } },
      jsonata: 'POST /tools/x%20y http 127.0.0.1 false 1+2',
      switch: 'other',
    });
  });

  it('Debug shows exactly the properties of the contract and no socket', async () => {
    comms.events.length = 0;
    await flow.get('/tools/z?a=1', { headers: { Cookie: 'c=v' } });
    const { value, text } = await comms.debug('debug-req', '/tools/z');
    assert.deepEqual(Object.keys(value as object).sort(), [
      'body',
      'cookies',
      'files',
      'headers',
      'hostname',
      'ip',
      'ips',
      'method',
      'originalUrl',
      'params',
      'path',
      'protocol',
      'query',
      'route',
      'secure',
      'upgrade',
      'url',
      'user',
    ]);
    assert.doesNotMatch(text, /socket|_handle|rawHeaders|exchange/i);
    const whole = await comms.debug('debug-msg', '/tools/z');
    assert.match(whole.text, /"path":"\/tools\/z"/);
    assert.doesNotMatch(whole.text, /_handle|rawHeaders|exchange/i);
  });

  it('cookies come in decoded and go out beside manual ones', async () => {
    const response = await flow.get('/cookies', { headers: { Cookie: 'count=4; a="x%20y"; a=last; junk' } });
    assert.deepEqual(await response.json(), { count: '4', a: 'last' });
    const [manual, count, gone, full] = response.headers.getSetCookie();
    assert.deepEqual([manual, count], ['manual=1', 'count=5; Path=/']);
    assert.match(gone ?? '', /^gone=; Path=\/; Expires=Thu, 01 Jan 1970/);
    assert.match(full ?? '', /^full=%C3%BC%3B; Path=\/; Max-Age=60; .*HttpOnly$/);
  });

  it('T41 a cookie that cannot be set is a 500 for the client and a clear error for the flow', async () => {
    for (const bad of ['a b', 'a;b', '__Host-x']) {
      assert.equal((await flow.get(`/cookies?bad=${encodeURIComponent(bad)}`)).status, 500);
      const [error] = await flow.caught();
      assert.match(error?.message ?? '', new RegExp(`The cookie "${bad}" cannot be set: `));
    }
  });

  /** What the flow reports for a request of curl. */
  async function curl(path: string, ...args: string[]): Promise<Report> {
    const { stdout } = await promisify(execFile)('curl', ['-sS', '--fail', ...args, flow.url(path)]);
    return JSON.parse(stdout) as Report;
  }
});

describe('uploads and the end of the process', () => {
  it('what a killed process left is gone at the next start, and kept files stay', async () => {
    const userDir = newUserDir();
    const options = { env: { TMPDIR: temporary }, userDir };
    const first = await LiveFlow.start(nodes, {}, options);
    const form = new FormData();
    form.append('doc', new Blob(['stays']), 'stays.txt');
    await first.get('/keep', { method: 'POST', body: form });
    const before = readdirSync(kept);
    for (const path of ['/disk', '/keep']) {
      const client = await RawClient.open(first.port);
      client.send(
        requestText('POST', path, ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 3000000']),
      );
      client.send(`--x\r\nContent-Disposition: form-data; name=f; filename=half\r\n\r\n${'x'.repeat(500_000)}`);
    }
    await eventually('both are there', () => uploads().length === 1 && readdirSync(kept).length === before.length + 1);
    const ended = new Promise((resolve) => first.nodeRed.child.once('exit', resolve));
    first.nodeRed.child.kill('SIGKILL');
    await ended;
    assert.equal(uploads().length, 1);
    const second = await LiveFlow.start(nodes, {}, options);
    await eventually('both are gone', () => uploads().length === 0 && readdirSync(kept).length === before.length);
    assert.ok(before.every((name) => existsSync(join(kept, name))));
    await second.stop();
  });

  it('a process that ends as asked leaves nothing', async () => {
    const flow = await LiveFlow.start(nodes, {}, { env: { TMPDIR: temporary } });
    const client = await RawClient.open(flow.port);
    client.send(
      requestText('POST', '/disk', ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 3000000']),
    );
    client.send(`--x\r\nContent-Disposition: form-data; name=f; filename=half\r\n\r\n${'x'.repeat(500_000)}`);
    await eventually('it is there', () => uploads().length === 1);
    await flow.stop();
    assert.deepEqual(uploads(), []);
    client.destroy();
  });
});

describe('T82 memory', () => {
  it('eight large uploads at once into 128 MB of heap: served or told to come again, never out of memory', async (t) => {
    const flow = await LiveFlow.start(
      nodes,
      // Connections outlast a slow machine: a client does not repeat a POST whose connection was closed as it came.
      { bodyLimit: '40mb', uploadLimit: '200mb', keepAliveTimeout: '60' },
      { env: { TMPDIR: temporary }, nodeArguments: ['--max-old-space-size=128'] },
    );
    t.after(() => flow.stop());
    const upload = async (path: string, size: number): Promise<number> => {
      const form = new FormData();
      form.append('f', new Blob([Buffer.alloc(size)]), 'big.bin');
      const response = await flow.get(path, { method: 'POST', body: form }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => undefined);
      return response?.status ?? 0;
    };
    const inMemory = await Promise.all(Array.from({ length: 8 }, () => upload('/sizes', 30e6)));
    assert.ok(
      inMemory.every((status) => [0, 200, 503].includes(status)),
      inMemory.join(),
    );
    assert.ok(inMemory.includes(503) || inMemory.includes(0), inMemory.join());
    const onDisk = await Promise.all(Array.from({ length: 8 }, () => upload('/disk', 40e6)));
    assert.deepEqual(
      onDisk,
      Array.from({ length: 8 }, () => 200),
    );
    assert.equal((await flow.get('/cookies')).status, 200);
    assert.equal(flow.nodeRed.child.exitCode, null);
    await eventually('the files are gone', () => uploads().length === 0);
  });
});
