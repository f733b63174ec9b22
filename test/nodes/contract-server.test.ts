/** Every property of `http-server-config`, each on a server of its own that differs in nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort } from '../support/node-red.js';
import { StatusView } from '../support/node-status.js';
import { RawClient, type RawResponse, ask, get, post } from '../support/raw-client.js';
import { refuses } from '../support/refuses.js';

const root = mkdtempSync(join(tmpdir(), 'contract-server-'));
writeFileSync(join(root, 'page.html'), '<p>page</p>');
writeFileSync(join(root, 'data.abc'), 'abc');
writeFileSync(join(root, 'no-extension'), 'x');

/** The servers of the flow: what differs from the defaults. */
const servers: Record<string, Record<string, unknown>> = {
  plain: {},
  text: { bodyLimit: '1KB', keepAliveTimeout: '1', responseTimeout: '1', debug: 'false', hosts: 'one.test, TWO.test' },
  six: { host: '::1' },
  name: { host: 'localhost' },
  any: { port: 0 },
  variable: { port: '${TEST_PORT}', rootPath: '${TEST_ROOT}', headers: [{ name: 'X-Env', value: '${TEST_HEADER}' }] },
  root: { rootPath: root },
  headers: {
    headers: [
      { name: 'X-One', value: '1' },
      { name: 'X-Many', value: 'a' },
      { name: 'X-Many', value: 'b' },
      { name: 'Content-Type', value: 'text/x-default' },
    ],
  },
  bodyLimit: { bodyLimit: '2kb' },
  uploadLimit: { bodyLimit: '1mb', uploadLimit: '3kb' },
  bodyBudget: { bodyBudget: '8kb' },
  headersTimeout: { headersTimeout: 1 },
  requestTimeout: { requestTimeout: 1 },
  responseTimeout: { responseTimeout: 1 },
  sendTimeout: { sendTimeout: 1 },
  keepAliveTimeout: { keepAliveTimeout: 1 },
  maxConnections: { maxConnections: 1 },
  maxConnectionsPerIp: { maxConnectionsPerIp: 1 },
  maxRequestsPerSocket: { maxRequestsPerSocket: 2 },
  hosts: { hosts: ['one.test', '127.0.0.1'] },
  cors: { cors: { origins: ['https://a.test'], maxAge: 5, exposeHeaders: ['X-Seen'] } },
  compression: { compression: true },
  trustProxy: { trustProxy: 'loopback' },
  securityHeaders: { securityHeaders: true },
  mime: {
    rootPath: root,
    mimeDefault: 'application/x-default',
    mimeTypes: [{ extension: '.ABC', type: 'text/x-abc' }],
  },
  mimeKeep: { rootPath: root, mimeKeep: ['.txt'] },
  accessLog: { accessLog: true },
  debug: { debug: true },
  autoStart: { autoStart: false },
};

const nodes: Flow = [
  {
    id: 'echo',
    type: 'function',
    func: `const { method, url, body, ip, hostname, protocol } = msg.req;
      if (url === '/silent') return null;
      if (url === '/fail') { msg.payload = {}; msg.payload.self = msg.payload; return msg; }
      if (url === '/large') { msg.payload = 'large '.repeat(2000000); return msg; }
      if (url === '/long') { msg.payload = 'long '.repeat(2000); return msg; }
      if (url === '/error') throw new Error('of the flow');
      msg.payload = { method, url, ip, hostname, protocol, size: typeof body === 'string' ? body.length : undefined };
      return msg;`,
    wires: [['out']],
  },
  { id: 'out', type: 'http-server-response' },
];

describe('A property of http-server-config', () => {
  let flow: LiveFlow;
  let status: StatusView;
  const ports: Record<string, number> = {};

  before(async () => {
    for (const [id, properties] of Object.entries(servers)) {
      ports[id] = await freePort();
      nodes.push(
        { id: `s-${id}`, type: 'http-server-config', host: '127.0.0.1', port: String(ports[id]), ...properties },
        { id: `in-${id}`, type: 'http-server-in', server: `s-${id}`, path: '/....', wires: [['echo']] },
        { id: `up-${id}`, type: 'http-server-in', server: `s-${id}`, path: '/disk', upload: 'disk', wires: [['echo']] },
      );
    }
    // A server with a root folder looks there only for what no node claims.
    const unclaimed = new Set(['root', 'mime', 'mimeKeep', 'variable'].map((id) => `in-${id}`));
    flow = await LiveFlow.start(
      nodes.map((node) => (unclaimed.has(String(node['id'])) ? { ...node, path: '/node' } : node)),
      {},
      { env: { TEST_PORT: String(ports['variable']), TEST_ROOT: root, TEST_HEADER: 'from outside' } },
    );
    status = await StatusView.open(flow.nodeRed);
  });
  after(async () => {
    status.close();
    await flow.stop();
    rmSync(root, { recursive: true });
  });

  const at = (id: string, request: string): Promise<RawResponse> => ask(ports[id] ?? 0, request);
  const body = (answer: RawResponse): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>;

  it('may be missing, and numbers, flags and lists may be text', async () => {
    assert.equal((await at('plain', get('/x'))).status, 200);
    assert.equal(
      (await at('text', post('/x', 'x'.repeat(1025), 'Host: one.test').replace('Host: test\r\n', ''))).status,
      413,
    );
    assert.equal((await at('text', get('/x').replace('Host: test', 'Host: two.TEST:81'))).status, 200);
    assert.equal((await at('text', get('/x'))).status, 421);
    assert.equal((await at('text', get('/silent').replace('test', 'one.test'))).status, 504);
  });

  it('host: IPv6 and host names', async () => {
    const six = await RawClient.open(ports['six'] ?? 0, { host: '::1' });
    assert.equal(body(await six.send(get('/x')).response())['ip'], '::1');
    six.destroy();
    await status.until('in-six', new RegExp(`^http://\\[::1\\]:${ports['six'] ?? 0}$`));
    const named = await fetch(`http://localhost:${ports['name'] ?? 0}/x`);
    assert.equal(named.status, 200);
    assert.ok(await refuses(ports['six'] ?? 0), 'nothing listens on 127.0.0.1');
  });

  it('port: 0 takes a free one, and the status shows it', async () => {
    const { text } = await status.until('in-any', /:\d{4,5}$/);
    assert.equal((await fetch(`${text ?? ''}/x`)).status, 200);
  });

  it('${NAME} in port, rootPath and the value of a header row', async () => {
    const answer = await at('variable', get('/page.html'));
    assert.deepEqual([answer.text, answer.get('x-env')], ['<p>page</p>', 'from outside']);
  });

  it('rootPath: GET and HEAD of what no node claims', async () => {
    assert.equal((await at('root', get('/page.html'))).text, '<p>page</p>');
    assert.equal((await at('root', get('/node'))).status, 200);
    assert.equal((await at('root', get('/missing'))).text, 'File not found');
    assert.equal((await at('root', get('/%2e%2e/page.html'))).text, 'Invalid path');
    assert.equal((await at('root', post('/page.html', 'x'))).status, 404);
    assert.equal((await at('plain', get('/'))).status, 404);
  });

  it('headers: on every response that does not set them itself', async () => {
    for (const request of [
      get('/x'),
      get('/'),
      'GET / HTTP/1.1\r\n\r\n',
      'nonsense\r\n\r\n',
      post('/x', '{', 'Content-Type: application/json'),
    ]) {
      const answer = await at('headers', request);
      assert.deepEqual([answer.get('x-one'), answer.all('x-many')], ['1', ['a', 'b']], request);
      assert.notEqual(answer.get('content-type'), 'text/x-default');
    }
  });

  it('bodyLimit: declared or chunked', async () => {
    assert.equal((await at('bodyLimit', post('/x', 'x'.repeat(2048)))).status, 200);
    assert.equal((await at('bodyLimit', post('/x', 'x'.repeat(2049)))).status, 413);
    const chunk = `801\r\n${'x'.repeat(2049)}\r\n0\r\n\r\n`;
    assert.equal(
      (await at('bodyLimit', `POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`)).status,
      413,
    );
  });

  it('uploadLimit: of an upload to disk, and of everything else where it is the smaller', async () => {
    const form = (size: number): string =>
      `--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n${'x'.repeat(size)}\r\n--b--\r\n`;
    const upload = (id: string, size: number): Promise<RawResponse> =>
      at(id, post('/disk', form(size), 'Content-Type: multipart/form-data; boundary=b'));
    assert.equal((await upload('uploadLimit', 2000)).status, 200);
    assert.equal((await upload('uploadLimit', 4000)).status, 413);
    assert.equal((await upload('bodyLimit', 4000)).status, 200, 'the body limit is not for the disk');
    assert.equal((await at('uploadLimit', post('/x', 'x'.repeat(4000)))).status, 413);
  });

  it('bodyBudget: bodies in memory over all requests; a single one beyond it never fits', async () => {
    const alone = await at('bodyBudget', post('/x', 'x'.repeat(9000)));
    assert.equal(alone.status, 413);
    const clients = await Promise.all(Array.from({ length: 3 }, () => RawClient.open(ports['bodyBudget'] ?? 0)));
    const [first, second] = clients;
    first?.send(post('/x', 'x'.repeat(6000)).slice(0, -1));
    second?.send(post('/x', 'x'.repeat(6000)));
    const answer = await second?.response();
    assert.equal(answer?.status, 503);
    assert.ok(Number(answer.get('retry-after')) > 0);
    first?.send('x');
    assert.equal((await first?.response())?.status, 200);
    for (const client of clients) client.destroy();
  });

  it('headersTimeout, requestTimeout: who is too slow gets 408 and the end', async () => {
    const slow = await RawClient.open(ports['headersTimeout'] ?? 0);
    slow.send('GET / HTTP/1.1\r\nHost: test\r\n');
    const body = await RawClient.open(ports['requestTimeout'] ?? 0);
    body.send(post('/x', 'xxxx').slice(0, -2));
    for (const client of [slow, body]) {
      assert.equal((await client.response()).status, 408);
      assert.equal(await client.closed(), '');
    }
  });

  it('responseTimeout: a silent flow ends in 504', async () => {
    const begun = performance.now();
    assert.equal((await at('responseTimeout', get('/silent'))).status, 504);
    assert.ok(performance.now() - begun > 900);
  });

  it('sendTimeout: a client that reads nothing is closed', async () => {
    const client = await RawClient.open(ports['sendTimeout'] ?? 0);
    client.send(get('/large'));
    await client.until((pending) => pending.length > 0);
    client.socket.pause();
    await status.until('in-sendTimeout', /\(1\)$/);
    await status.until('in-sendTimeout', /:\d+$/);
    client.socket.resume();
    await assert.rejects(client.response(), /The connection ended before/);
    client.destroy();
  });

  it('keepAliveTimeout: an idle connection is closed', async () => {
    const client = await RawClient.open(ports['keepAliveTimeout'] ?? 0);
    assert.match((await client.send(get('/x')).response()).get('keep-alive') ?? '', /timeout=1/);
    assert.equal(await client.closed(), '');
  });

  it('maxConnections, maxConnectionsPerIp: the newest gets 503 and the end', async () => {
    for (const id of ['maxConnections', 'maxConnectionsPerIp']) {
      const first = await RawClient.open(ports[id] ?? 0);
      assert.equal((await first.send(get('/x')).response()).status, 200);
      const second = await at(id, get('/x'));
      assert.equal(second.status, 503);
      assert.ok(second.get('retry-after'));
      first.destroy();
    }
  });

  it('maxRequestsPerSocket: the last answer closes', async () => {
    const client = await RawClient.open(ports['maxRequestsPerSocket'] ?? 0);
    assert.equal((await client.send(get('/x')).response()).get('connection'), 'keep-alive');
    assert.equal((await client.send(get('/x')).response()).get('connection'), 'close');
    assert.equal(await client.closed(), '');
  });

  it('hosts: other names get 421', async () => {
    assert.equal((await at('hosts', get('/x'))).status, 421);
    for (const host of ['one.test', 'ONE.test:80', '127.0.0.1'])
      assert.equal((await at('hosts', get('/x').replace('Host: test', `Host: ${host}`))).status, 200, host);
    assert.equal((await at('hosts', 'GET / HTTP/1.0\r\n\r\n')).status, 421);
  });

  it('cors: the listed origin, preflights too', async () => {
    const mine = await at('cors', get('/x', 'Origin: https://a.test'));
    assert.deepEqual(
      [mine.get('access-control-allow-origin'), mine.get('access-control-expose-headers'), mine.get('vary')],
      ['https://a.test', 'X-Seen', 'Origin'],
    );
    assert.equal((await at('cors', get('/x', 'Origin: https://b.test'))).get('access-control-allow-origin'), undefined);
    const preflight = await at(
      'cors',
      'OPTIONS /x HTTP/1.1\r\nHost: test\r\nOrigin: https://a.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n',
    );
    assert.deepEqual([preflight.status, preflight.get('access-control-max-age')], [204, '5']);
    assert.equal((await at('plain', get('/x', 'Origin: https://a.test'))).get('vary'), undefined);
  });

  it('compression: of what compresses well and is over 1 KiB', async () => {
    const answer = await at('compression', get('/long', 'Accept-Encoding: gzip'));
    assert.deepEqual([answer.get('content-encoding'), answer.get('vary')], ['gzip', 'Accept-Encoding']);
    assert.equal((await at('compression', get('/x', 'Accept-Encoding: gzip'))).get('content-encoding'), undefined);
    assert.equal((await at('plain', get('/long', 'Accept-Encoding: gzip'))).get('content-encoding'), undefined);
  });

  it('trustProxy: whose word about the client counts', async () => {
    const headers = ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.test'];
    const believed = body(await at('trustProxy', get('/x', ...headers)));
    assert.deepEqual([believed['ip'], believed['protocol'], believed['hostname']], ['192.0.2.7', 'https', 'shop.test']);
    const direct = body(await at('plain', get('/x', ...headers)));
    assert.deepEqual([direct['ip'], direct['protocol'], direct['hostname']], ['127.0.0.1', 'http', 'test']);
  });

  it('securityHeaders: a set on every response', async () => {
    for (const path of ['/x', '/'])
      assert.equal((await at('securityHeaders', get(path))).get('x-frame-options'), 'SAMEORIGIN');
    assert.equal((await at('plain', get('/x'))).get('x-frame-options'), undefined);
  });

  it('mimeDefault, mimeTypes, mimeKeep: the types of files', async () => {
    const typeOf = async (id: string, file: string): Promise<string | undefined> =>
      (await at(id, get(file))).get('content-type');
    assert.equal(await typeOf('mime', '/data.abc'), 'text/x-abc; charset=utf-8');
    assert.equal(await typeOf('mime', '/no-extension'), 'application/x-default');
    assert.equal(await typeOf('mime', '/page.html'), 'text/html; charset=utf-8');
    assert.equal(await typeOf('mimeKeep', '/page.html'), 'text/plain; charset=utf-8');
  });

  it('accessLog: a line for each response, in the form of the contract', async () => {
    const from = flow.nodeRed.log.length;
    const answer = await at('accessLog', get('/x?a=1'));
    const size = answer.headers.reduce(
      (sum, [name, value]) => sum + name.length + value.length + 4,
      19 + answer.body.length,
    );
    await flow.nodeRed.waitForLog(
      new RegExp(`127\\.0\\.0\\.1 -- "GET /x\\?a=1" ${get('/x?a=1').length} -- "200 OK" ${size} -- \\d+ms`),
      10_000,
      from,
    );
    await at('accessLog', get('/missing%0a%1b[31m'));
    assert.match(await flow.nodeRed.waitForLog(/GET \/missing[^"]*/, 10_000, from), /%0a%1b/);
    assert.doesNotMatch(flow.nodeRed.log.slice(0, from), /"GET \//);
  });

  it('debug: error bodies name the reason; without it nothing of the machine leaks', async () => {
    assert.match((await at('debug', get('/fail'))).text, /circular/);
    const opaque = await at('plain', get('/fail', 'Accept: application/json'));
    const error = body(opaque);
    assert.deepEqual(
      [opaque.status, error['status'], error['error'], error['code']],
      [500, 500, 'Internal Server Error', 'INVALID_PAYLOAD'],
    );
    assert.match(String(error['requestId']), /^[0-9a-f]{12}$/);
    await flow.nodeRed.waitForLog(new RegExp(`Request ${String(error['requestId'])} `));
  });

  it('autoStart: off, the server waits', async () => {
    assert.ok(await refuses(ports['autoStart'] ?? 0));
    await status.until('in-autoStart', /^stopped$/);
  });
});
