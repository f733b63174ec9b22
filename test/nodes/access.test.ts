/** Who may come in, through real Node-RED: credentials, the guard in a wire, a guarded server, and what closes the door. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type CaughtError, LiveFlow } from '../support/live-flow.js';
import { freePort, pause } from '../support/node-red.js';
import type { Flow } from '../support/node-red.js';
import { newToken } from '../src/auth/tokens.js';
import { waitFor } from '../support/wait-for.js';
import { RawClient, ask, get } from '../support/raw-client.js';

/** Headers of a Basic login. */
function basic(name: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** The status curl is answered with. */
async function curl(url: string, ...login: string[]): Promise<number> {
  const seen = ['--silent', '--max-time', '20', '--output', '/dev/null', '--write-out', '%{http_code}'];
  return Number((await promisify(execFile)('curl', [...seen, ...login, url])).stdout);
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

const nodes: Flow = [
  {
    id: 'staff',
    type: 'http-server-credentials',
    realm: 'Staff "only"',
    list: [
      { slot: 1, scheme: 'basic', username: 'ann' },
      { slot: 2, scheme: 'basic', username: 'bob' },
      { slot: 3, scheme: 'token', name: 'kiosk', from: 'cookie:kiosk' },
      { slot: 4, scheme: 'bearer', name: 'sensor', from: 'query:key' },
    ],
  },
  { id: 'machines', type: 'http-server-credentials' },
  { id: 'empty', type: 'http-server-credentials', list: [{ slot: 1, scheme: 'basic', username: 'ann' }] },
  { id: 'in', type: 'http-server-in', server: 'server', path: '/guarded/....', wires: [['auth']] },
  { id: 'auth', type: 'auth', access: 'staff', wires: [['who']] },
  { id: 'who', type: 'function', func: 'msg.payload = msg.req.user; return msg;', wires: [['out']] },
  { id: 'out', type: 'http-server-response' },
  { id: 'own', type: 'http-server-in', server: 'server', path: '/own', access: 'machines', wires: [['who']] },
  { id: 'open', type: 'http-server-in', server: 'server', path: '/open', wires: [['echo']] },
  {
    id: 'echo',
    type: 'function',
    func: "msg.payload = { user: msg.req.user ?? 'nobody' }; return msg;",
    wires: [['out']],
  },
  { id: 'two', type: 'http-server-in', server: 'server', path: '/two', wires: [['either']] },
  { id: 'either', type: 'auth', access: 'staff', onReject: 'output', outputs: 2, wires: [['who'], ['stranger']] },
  {
    id: 'stranger',
    type: 'function',
    func: "msg.payload = 'Who are you?'; msg.statusCode = 403; return msg;",
    wires: [['out']],
  },
  { id: 'blank', type: 'http-server-in', server: 'server', path: '/blank', wires: [['no-secret']] },
  { id: 'no-secret', type: 'auth', access: 'empty', wires: [['who']] },
  { id: 'lost', type: 'http-server-in', server: 'server', path: '/lost', wires: [['missing']] },
  { id: 'missing', type: 'auth', access: 'nothing', wires: [['who']] },
  { id: 'unset', type: 'http-server-in', server: 'server', path: '/unset', wires: [['refused']] },
  { id: 'refused', type: 'auth', access: '', wires: [['who']] },
  { id: 'core-in', type: 'http in', url: '/core', method: 'get', wires: [['auth']] },
];

const bcryptHash = '$2b$04$IwvxE.tfycKT4eNXl5nl7Oi./6Wfmr0gdLZZ8gtTm.cTXa1wheEOu';
const credentials = {
  staff: { secret1: 'swordfish', secret2: bcryptHash, secret3: 'cookie-token', secret4: 'query-token' },
  machines: { entries: JSON.stringify([{ scheme: 'bearer', token: '${MACHINE_TOKEN}', name: 'machine' }]) },
};

describe('who may come in', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(nodes, { lockout: 0 }, { credentials, env: { MACHINE_TOKEN: 'from-the-environment' } });
  });
  after(() => flow.stop());

  it('a guard lets in who proves to be somebody, and tells the flow who', async () => {
    const answer = await flow.get('/guarded/a', { headers: basic('ann', 'swordfish') });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { name: 'ann', scheme: 'basic' });
    const cookie = await flow.get('/guarded/a', { headers: { Cookie: 'kiosk=cookie-token' } });
    assert.deepEqual(await cookie.json(), { name: 'kiosk', scheme: 'token' });
    assert.deepEqual(await (await flow.get('/guarded/a?key=query-token')).json(), { name: 'sensor', scheme: 'bearer' });
  });

  it('a password may be stored as a bcrypt hash', async () => {
    assert.equal((await flow.get('/guarded/a', { headers: basic('bob', 'secret') })).status, 200);
    assert.equal((await flow.get('/guarded/a', { headers: basic('bob', 'Secret') })).status, 401);
    assert.equal((await flow.get('/guarded/a', { headers: basic('bob', bcryptHash) })).status, 401);
  });

  it('a 401 carries one challenge for each configured scheme, with the realm quoted', async () => {
    const client = await RawClient.open(flow.port);
    const answer = await client.send(get('/guarded/a')).response();
    client.destroy();
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.all('www-authenticate').sort(), [
      'Basic realm="Staff \\"only\\"", charset="UTF-8"',
      'Bearer realm="Staff \\"only\\""',
      'Token realm="Staff \\"only\\""',
    ]);
  });

  it('with two outputs the flow answers strangers itself', async () => {
    const stranger = await flow.get('/two');
    assert.equal(stranger.status, 403);
    assert.equal(await stranger.text(), 'Who are you?');
    assert.equal((await flow.get('/two', { headers: basic('ann', 'swordfish') })).status, 200);
  });

  it('guards requests of the core http in alike', async () => {
    const url = '/core';
    const refused = await flow.nodeRed.admin(url);
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Token realm=.*, Bearer realm=.*, Basic realm=/);
    const answer = await flow.nodeRed.admin(url, { headers: basic('ann', 'swordfish') });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { name: 'ann', scheme: 'basic' });
  });

  it('an entry of the server has its own access, by hand-written entries and environment variables', async () => {
    assert.equal((await flow.get('/own')).status, 401);
    const answer = await flow.get('/own', { headers: bearer('from-the-environment') });
    assert.deepEqual(await answer.json(), { name: 'machine', scheme: 'bearer' });
    assert.equal((await flow.get('/own', { headers: basic('ann', 'swordfish') })).status, 401);
    assert.deepEqual(await (await flow.get('/open')).json(), { user: 'nobody' });
  });

  it('lets curl in by its own ways to log in', async () => {
    assert.equal(await curl(flow.url('/guarded/a'), '--user', 'ann:swordfish'), 200);
    assert.equal(await curl(flow.url('/guarded/a'), '--user', 'ann:perch'), 401);
    assert.equal(await curl(flow.url('/own'), '--oauth2-bearer', 'from-the-environment'), 200);
    assert.equal(await curl(flow.url('/own'), '--oauth2-bearer', 'from-elsewhere'), 401);
    assert.equal(await curl(flow.url('/own')), 401);
  });

  it('fails closed: missing credentials and credentials without secrets are 503 and a catchable error', async () => {
    await flow.caught();
    for (const path of ['/blank', '/lost', '/unset']) {
      assert.equal((await flow.get(path, { headers: basic('ann', 'swordfish') })).status, 503, path);
    }
    const caught = await flow.caught();
    assert.deepEqual(
      caught.map(({ source, code }) => [source, code]),
      [
        ['no-secret', 'ACCESS_UNUSABLE'],
        ['missing', 'ACCESS_UNUSABLE'],
        ['refused', 'INVALID_SETTING'],
      ],
    );
    assert.match(flow.nodeRed.log, /\[error\] \[http-server-credentials:empty\] Nobody can come in: there is no entry/);
    assert.match(flow.nodeRed.log, /\[error\] \[auth:refused\] access: must be chosen/);
  });
});

describe('T52 a guard that demands scopes', () => {
  const secret = 'a-shared-secret-of-more-than-32-bytes';
  const jwt = (claims: object): Record<string, string> => bearer(newToken({ alg: 'HS256' }, claims, secret));
  const second = (): number => Math.floor(Date.now() / 1000);
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(
      [
        {
          id: 'apps',
          type: 'http-server-credentials',
          realm: 'Apps',
          list: [
            { slot: 1, scheme: 'bearer', name: 'reader', scope: 'read' },
            { slot: 2, scheme: 'jwt', key: 'secret', clockTolerance: 120 },
            { slot: 3, scheme: 'basic', username: 'ann' },
          ],
        },
        { id: 'in', type: 'http-server-in', server: 'server', path: '/write', wires: [['auth']] },
        { id: 'auth', type: 'auth', access: 'apps', scope: 'read write', wires: [['who']] },
        { id: 'either-in', type: 'http-server-in', server: 'server', path: '/either', wires: [['either']] },
        {
          id: 'either',
          type: 'auth',
          access: 'apps',
          scope: 'write',
          onReject: 'output',
          outputs: 2,
          wires: [['who'], ['who']],
        },
        { id: 'core-in', type: 'http in', url: '/core-write', method: 'get', wires: [['auth']] },
        {
          id: 'who',
          type: 'function',
          func: "msg.payload = msg.req.user ?? 'a stranger'; return msg;",
          wires: [['out']],
        },
        { id: 'out', type: 'http-server-response', mode: 'json' },
      ],
      {},
      { credentials: { apps: { secret1: 'read-token', secret2: secret, secret3: 'swordfish' } } },
    );
  });
  after(() => flow.stop());

  it('lets the token pass that allows them, a request of the core http in too', async () => {
    const headers = jwt({ sub: 'bob', scope: 'write read' });
    const answer = await flow.get('/write', { headers });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), {
      name: 'bob',
      scheme: 'jwt',
      scopes: ['write', 'read'],
      claims: { sub: 'bob', scope: 'write read' },
    });
    assert.equal((await flow.nodeRed.admin('/core-write', { headers })).status, 200);
  });

  it('answers others 403 and names the scopes, which is no failed login', async () => {
    for (const headers of [bearer('read-token'), jwt({ sub: 'bob' })])
      for (let count = 0; count < 12; count += 1) {
        const refused = await flow.get('/write', { headers });
        assert.deepEqual(
          [refused.status, refused.headers.get('www-authenticate')],
          [403, 'Bearer realm="Apps", error="insufficient_scope", scope="read write"'],
        );
        await refused.text();
      }
    const password = await flow.get('/write', { headers: basic('ann', 'swordfish') });
    assert.deepEqual([password.status, password.headers.get('www-authenticate')], [403, null]);
    assert.equal((await flow.get('/write')).status, 401);
    const wrong = await flow.get('/write', { headers: bearer('no-token') });
    assert.equal(wrong.status, 401);
    assert.match(wrong.headers.get('www-authenticate') ?? '', /Bearer realm="Apps", error="invalid_token"/);
    const core = await flow.nodeRed.admin('/core-write', { headers: bearer('read-token') });
    assert.equal(core.status, 403);
    assert.match(core.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);
  });

  it('hands them to the second output where the flow wants them, with who it is', async () => {
    const reader = await flow.get('/either', { headers: bearer('read-token') });
    assert.deepEqual(await reader.json(), { name: 'reader', scheme: 'bearer', scopes: ['read'] });
    assert.equal(await (await flow.get('/either')).json(), 'a stranger');
  });

  it('T55 a JWT counts as long as the clock tolerance of its entry says', async () => {
    const status = async (exp: number): Promise<number> =>
      (await flow.get('/write', { headers: jwt({ scope: 'read write', exp }) })).status;
    assert.equal(await status(second() - 60), 200);
    assert.equal(await status(second() - 180), 401);
  });
});

describe('a guarded server', () => {
  let flow: LiveFlow;
  let port: number;
  const server = { access: 'door', rootPath: process.cwd() };
  const door = (password: string): Flow[number] => ({
    id: 'door',
    type: 'http-server-credentials',
    credentials: { entries: JSON.stringify([{ scheme: 'basic', username: 'ann', password }]) },
  });
  const guarded: Flow = [
    { id: 'in', type: 'http-server-in', server: 'server', path: '/flow', wires: [['out']] },
    { id: 'ws', type: 'http-server-in', server: 'server', path: '/ws', methods: ['WEBSOCKET'], wires: [['ws-in']] },
    { id: 'ws-in', type: 'websocket-in', server: 'server', wires: [[], []] },
    { id: 'out', type: 'http-server-response' },
    { id: 'watch', type: 'status', scope: ['in'], wires: [['keep-status']] },
    {
      id: 'keep-status',
      type: 'function',
      func: "const list = global.get('errors') || []; list.push({ message: msg.status.text, code: msg.status.event }); global.set('errors', list);",
    },
  ];
  const status = async (path: string, password?: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers: password ? basic('ann', password) : {} })).status;

  before(async () => {
    port = await freePort();
    flow = await LiveFlow.start([]);
    await flow.nodeRed.deploy(LiveFlow.flows([...guarded, door('first')], port, server));
    await waitFor('the server to listen', async () => (await status('/flow').catch(() => 0)) === 401);
  });
  after(() => flow.stop());

  it('T58 demands credentials for flows, files, unknown paths and upgrades alike', async () => {
    for (const path of ['/flow', '/package.json', '/nothing', '//package.json', '/%70ackage.json', '/FLOW']) {
      assert.equal(await status(path), 401, path);
    }
    assert.equal(await status('/flow', 'first'), 200);
    assert.equal(await status('/package.json', 'first'), 200);
    assert.equal(await status('/nothing', 'first'), 404);
    for (const method of ['HEAD', 'POST', 'DELETE', 'OPTIONS']) {
      assert.equal((await fetch(`http://127.0.0.1:${port}/flow`, { method })).status, 401, method);
    }
    const upgrade = await RawClient.open(port);
    upgrade.send(
      get(
        '/ws',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ),
    );
    assert.equal((await upgrade.response()).status, 401);
    upgrade.destroy();
  });

  it('T17 answers 401 before a byte of the body is read', async () => {
    const client = await RawClient.open(port);
    client.send('POST /flow HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n');
    const answer = await client.response();
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.interim, []);
    client.destroy();
  });

  it('uses other credentials at once when only they are deployed', async () => {
    await flow.nodeRed.deploy(LiveFlow.flows([...guarded, door('second')], port, server), 'nodes');
    assert.equal(await status('/flow', 'first'), 401);
    assert.equal(await status('/flow', 'second'), 200);
  });

  it('keeps the door shut when the credentials are disabled or removed', async () => {
    await flow.nodeRed.deploy(LiveFlow.flows([...guarded, { ...door('second'), d: true }], port, server), 'nodes');
    assert.equal(await status('/flow', 'second'), 503);
    assert.equal(await status('/package.json', 'second'), 503);
    await flow.nodeRed.deploy(LiveFlow.flows([...guarded, door('third')], port, server), 'nodes');
    assert.equal(await status('/flow', 'third'), 200);
    await flow.nodeRed.deploy(LiveFlow.flows(guarded, port, server), 'nodes');
    assert.equal(await status('/flow', 'third'), 503);
  });

  it('T53 slows guessing down: 429 with Retry-After after ten failures, visible as status, event and one line of the log', async () => {
    await flow.nodeRed.deploy(LiveFlow.flows([...guarded, door('right')], port, server));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push(await status('/flow', `wrong ${attempt}`));
    assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429, 429]);
    const locked = await fetch(`http://127.0.0.1:${port}/flow`, { headers: basic('ann', 'right') });
    assert.equal(locked.status, 429);
    const wait = Number(locked.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, String(wait));
    const shown: CaughtError[] = [];
    for (let left = 200; !shown.some(({ code }) => code === 'lockout'); left -= 1) {
      assert.ok(left > 0, `no status of a lockout: ${JSON.stringify(shown)}`);
      await pause(50);
      shown.push(...(await flow.caught()));
    }
    assert.equal(shown.find(({ code }) => code === 'lockout')?.message, 'locked out: 127.0.0.1');
    assert.equal(flow.nodeRed.log.match(/Too many failed logins from 127\.0\.0\.1/g)?.length, 1);
  });
});

describe('T58 a guard in front of files', () => {
  let flow: LiveFlow;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'guard-'));
    mkdirSync(join(folder, 'private'));
    writeFileSync(join(folder, 'private', 'plan.txt'), 'the plan');
    writeFileSync(join(folder, 'open.txt'), 'open');
    flow = await LiveFlow.start(
      [
        { id: 'staff', type: 'http-server-credentials', list: [{ slot: 1, scheme: 'basic', username: 'ann' }] },
        {
          id: 'door',
          type: 'http-server-in',
          server: 'server',
          path: '/private/*',
          access: 'staff',
          wires: [['file']],
        },
        { id: 'files', type: 'http-server-in', server: 'server', path: '/files/*', wires: [['route']] },
        {
          id: 'route',
          type: 'route',
          rules: [{ path: '/files/private/*' }, { path: '/files/*' }],
          otherwise: 'files',
          outputs: 2,
          wires: [['auth'], ['below']],
        },
        { id: 'auth', type: 'auth', access: 'staff', wires: [['file-private']] },
        { id: 'file', type: 'file-response', rootPath: join(folder, 'private') },
        { id: 'file-private', type: 'file-response', rootPath: join(folder, 'private') },
        { id: 'below', type: 'file-response' },
      ],
      { rootPath: folder },
      { credentials: { staff: { secret1: 'swordfish' } } },
    );
  });
  after(async () => {
    await flow.stop();
    rmSync(folder, { recursive: true });
  });

  it('lets the right ones have the files', async () => {
    for (const path of ['/private/plan.txt', '/files/private/plan.txt']) {
      const answer = await flow.get(path, { headers: basic('ann', 'swordfish') });
      assert.deepEqual([answer.status, await answer.text()], [200, 'the plan'], path);
      assert.equal((await flow.get(path)).status, 401);
    }
    assert.equal((await flow.get('/open.txt')).status, 200);
    assert.equal((await flow.get('/files/open.txt')).status, 200);
  });

  it('is not got around by another spelling of the path', async () => {
    const spellings = [
      '//private/',
      '/./private/',
      '/%2e/private/',
      '/private%2F',
      '/private%2f',
      '/%70rivate/',
      '/private//',
      '/private/./',
      '/x/../private/',
      '/%2F%2Fprivate/',
      '/private%5C',
      '/private;/',
    ];
    for (const prefix of ['', '/files'])
      for (const spelling of spellings) {
        const answer = await ask(flow.port, get(`${prefix}${spelling}plan.txt`));
        assert.ok([400, 401, 403, 404].includes(answer.status), `${prefix}${spelling}: ${answer.status}`);
        assert.doesNotMatch(answer.text, /the plan/, spelling);
      }
  });
});

describe('T64 a proxy', () => {
  const server = (id: string, port: number, trustProxy: string): Flow[number] => ({
    id,
    type: 'http-server-config',
    host: '127.0.0.1',
    port: String(port),
    trustProxy,
    accessLog: true,
  });
  const entry = (id: string): Flow => [
    { id: `in-${id}`, type: 'http-server-in', server: id, wires: [['sort']] },
    {
      id: `ws-${id}`,
      type: 'http-server-in',
      server: id,
      path: '/ws',
      methods: ['WEBSOCKET'],
      wires: [[`ws-in-${id}`]],
    },
    { id: `ws-in-${id}`, type: 'websocket-in', server: id, wires: [[], []] },
  ];
  let flow: LiveFlow;
  let trusting: number;
  let strict: number;
  before(async () => {
    trusting = await freePort();
    strict = await freePort();
    flow = await LiveFlow.start([
      server('trusting', trusting, 'loopback'),
      server('strict', strict, '192.0.2.1'),
      ...entry('trusting'),
      ...entry('strict'),
      {
        id: 'sort',
        type: 'function',
        func: 'const { ip, protocol, secure, hostname } = msg.req; msg.payload = { ip, protocol, secure, hostname }; return msg;',
        wires: [['out']],
      },
      { id: 'out', type: 'http-server-response' },
    ]);
  });
  after(() => flow.stop());

  const lists: readonly (readonly string[])[] = [
    ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.test'],
    ['Forwarded: for=203.0.113.9;proto=https;host=shop.test'],
  ];

  it('is believed in ip, protocol, host name and the log when it is configured, and nobody else is', async () => {
    for (const headers of lists) {
      const text = async (port: number): Promise<unknown> => JSON.parse((await ask(port, get('/x', ...headers))).text);
      const seen = { ip: '203.0.113.9', protocol: 'https', secure: true, hostname: 'shop.test' };
      assert.deepEqual(await text(trusting), seen, headers[0]);
      assert.deepEqual(await text(strict), { ip: '127.0.0.1', protocol: 'http', secure: false, hostname: 'test' });
    }
    await flow.nodeRed.waitForLog(/\[http-server-config:trusting\] 203\.0\.113\.9 -- "GET \/x"/);
    await flow.nodeRed.waitForLog(/\[http-server-config:strict\] 127\.0\.0\.1 -- "GET \/x"/);
    assert.doesNotMatch(flow.nodeRed.log, /strict\] 203/);
  });

  it("T61 is believed in the check of a WebSocket's origin", async () => {
    const upgrade = async (port: number, headers: readonly string[], origin: string): Promise<number> => {
      const socket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
      const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
      const client = await RawClient.open(port);
      client.send(get('/ws', ...socket, key, `Origin: ${origin}`, ...headers));
      const { status } = await client.response();
      client.destroy();
      return status;
    };
    for (const headers of lists) {
      assert.equal(await upgrade(trusting, headers, 'https://shop.test'), 101);
      assert.equal(await upgrade(trusting, headers, 'http://test'), 403);
      assert.equal(await upgrade(strict, headers, 'https://shop.test'), 403);
      assert.equal(await upgrade(strict, headers, 'http://test'), 101);
    }
  });
});

describe('T57 a password file', () => {
  it('that breaks closes the door and turns the guard red, and opens it again when it is mended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'users-'));
    const users = join(folder, 'users');
    writeFileSync(users, `bob:${bcryptHash}\n`);
    const flow = await LiveFlow.start(
      [
        { id: 'staff', type: 'http-server-credentials', list: [{ slot: 1, scheme: 'htpasswd', path: users }] },
        { id: 'in', type: 'http-server-in', server: 'server', wires: [['auth']] },
        { id: 'auth', type: 'auth', access: 'staff', wires: [['out']] },
        { id: 'out', type: 'http-server-response' },
        { id: 'watch', type: 'status', scope: ['auth'], wires: [['keep-status']] },
        {
          id: 'keep-status',
          type: 'function',
          func: "if (msg.status.fill === 'red') node.error(msg.status.text, msg);",
        },
      ],
      { lockout: 0 },
    );
    const status = async (): Promise<number> => (await flow.get('/', { headers: basic('bob', 'secret') })).status;
    try {
      assert.equal(await status(), 200);
      writeFileSync(users, `bob:${bcryptHash}\nann:no-hash\n`);
      await waitFor('the door to be shut', async () => (await status()) === 503);
      const shown: CaughtError[] = [];
      await waitFor('the guard to be red', async () => {
        shown.push(...(await flow.caught()));
        return shown.some(({ message }) => message === 'credentials unusable');
      });
      assert.match(flow.nodeRed.log, /Nobody can come in by a file: line 2 of the password file holds no bcrypt hash/);
      assert.doesNotMatch(flow.nodeRed.log, /no-hash/);
      writeFileSync(users, `bob:${bcryptHash}\n`);
      await waitFor('the door to be open', async () => (await status()) === 200);
    } finally {
      await flow.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
