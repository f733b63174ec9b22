/** T84: a secret is looked for everywhere it could turn up: flow file, export, admin API, log, Debug, errors, messages. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';

const secrets = {
  password: 'pa55word-3f9c',
  token: 't0ken-71ab',
  query: 'qu3ry-22de',
  cookie: 'c00kie-90fa',
  jwt: 'jwt-s3cret-of-32-bytes-and-more-0001',
  environment: 'env-s3cret-5d5d',
};
const all = Object.values(secrets);

const nodes: Flow = [
  {
    id: 'staff',
    type: 'http-server-credentials',
    list: [
      { slot: 1, scheme: 'basic', username: 'ann' },
      { slot: 2, scheme: 'token', name: 'kiosk' },
      { slot: 3, scheme: 'bearer', name: 'sensor', from: 'query:key' },
      { slot: 4, scheme: 'token', name: 'screen', from: 'cookie:screen' },
      { slot: 5, scheme: 'jwt', key: 'secret' },
    ],
  },
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['auth']] },
  { id: 'auth', type: 'auth', access: 'staff', wires: [['debug', 'debug-all', 'route']] },
  {
    id: 'debug',
    type: 'debug',
    active: true,
    tosidebar: true,
    console: true,
    complete: 'req',
    targetType: 'msg',
    wires: [],
  },
  {
    id: 'debug-all',
    type: 'debug',
    active: true,
    tosidebar: true,
    console: true,
    complete: 'true',
    targetType: 'full',
    wires: [],
  },
  {
    id: 'route',
    type: 'route',
    rules: [{ path: '/ws' }, { path: '/events' }, { methods: [], path: '/....' }],
    otherwise: '404',
    outputs: 3,
    wires: [['ws'], ['sse'], ['out']],
  },
  { id: 'ws', type: 'websocket-in', server: 'server', wires: [['debug-all'], ['debug-all']] },
  { id: 'sse', type: 'sse-out', server: 'server', wires: [['debug-all']] },
  { id: 'out', type: 'http-server-response' },
];
const credentials = {
  staff: {
    entries: JSON.stringify([{ scheme: 'bearer', token: '${SECRET_OF_ENVIRONMENT}', name: 'env' }]),
    secret1: secrets.password,
    secret2: secrets.token,
    secret3: secrets.query,
    secret4: secrets.cookie,
    secret5: secrets.jwt,
  },
};

/** Asserts that no secret, plain or in the base64 of a login, is in a text. */
function assertClean(where: string, text: string): void {
  for (const secret of all) {
    const forms = [secret, Buffer.from(`ann:${secret}`).toString('base64'), encodeURIComponent(secret)];
    for (const form of forms) assert.ok(!text.includes(form), `${where} holds ${secret}`);
  }
}

describe('T84 a secret', () => {
  let flow: LiveFlow;
  let comms: WebSocket;
  let debugged = '';
  before(async () => {
    flow = await LiveFlow.start(
      nodes,
      { accessLog: true, debug: true },
      {
        env: { SECRET_OF_ENVIRONMENT: secrets.environment },
        settings: { credentialSecret: 'key of the test' },
      },
    );
    comms = new WebSocket(`ws://127.0.0.1:${flow.nodeRed.port}/comms`);
    comms.on('message', (data: Buffer) => (debugged += data.toString()));
    await new Promise((done) => comms.once('open', done));
    comms.send(JSON.stringify({ subscribe: 'debug' }));
    // As the editor does: the credentials come with a deploy, and lie encrypted in their file from there on.
    const saved = (await (await flow.nodeRed.admin('/flows')).json()) as Flow;
    await flow.nodeRed.deploy(
      saved.map((node) => (node['id'] === 'staff' ? { ...node, credentials: credentials.staff } : node)),
    );
  });
  after(async () => {
    comms.terminate();
    await flow.stop();
  });

  it('is used by real requests of every kind', async () => {
    const login = (password: string): string => `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
    const rows: readonly [string, Record<string, string>, number][] = [
      ['/a', { Authorization: login(secrets.password) }, 200],
      ['/a', { Authorization: `Token ${secrets.token}` }, 200],
      ['/a', { Authorization: `Bearer ${secrets.environment}` }, 200],
      [`/a?x=1&key=${secrets.query}`, {}, 200],
      ['/a', { Cookie: `theme=dark; screen=${secrets.cookie}` }, 200],
      // Right secrets in wrong places are refused, and as secret.
      ['/a', { Authorization: login(secrets.token) }, 401],
      ['/a', { Authorization: `Bearer ${secrets.token}` }, 401],
      [`/a?access_token=${secrets.token}`, {}, 401],
    ];
    for (const [path, headers, status] of rows) {
      const answer = await flow.get(path, { headers });
      assert.equal(answer.status, status, `${path} ${JSON.stringify(headers)}`);
      assertClean('the answer', await answer.text());
      assertClean('the headers of the answer', JSON.stringify([...answer.headers]));
    }
    const socket = new WebSocket(`${flow.url('/ws').replace('http', 'ws')}?key=${secrets.query}`, {
      headers: { Cookie: `screen=${secrets.cookie}` },
    });
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    socket.send('hello');
    const stream = await flow.get(`/events?key=${secrets.query}`);
    assert.equal(stream.status, 200);
    await stream.body?.cancel();
    socket.close();
    await new Promise((done) => socket.once('close', done));
    await flow.nodeRed.waitForLog(/disconnect/);
  });

  it('does not show in Debug, while the request does', () => {
    assert.match(debugged, /debug-all/);
    assert.match(debugged, /Basic \*\*\*/);
    assert.match(debugged, /key=\*\*\*/);
    assert.match(debugged, /theme=dark; screen=\*\*\*/);
    assertClean('Debug', debugged);
  });

  it('does not show in the log, while the requests do', () => {
    assert.match(flow.nodeRed.log, /"GET \/a\?x=1&key=\*\*\*"/);
    assert.match(flow.nodeRed.log, /"GET \/a\?access_token=\*\*\*"/);
    assertClean('the log', flow.nodeRed.log);
  });

  it('is neither in the flows the admin API gives, nor in what the editor asks for', async () => {
    const paths = [
      '/flows',
      '/flow/tab',
      '/flow/global',
      '/credentials/http-server-credentials/staff',
      '/nodes',
      '/settings',
    ];
    for (const path of paths) {
      const text = await (await flow.nodeRed.admin(path)).text();
      assertClean(path, text);
    }
    const shown = await (await flow.nodeRed.admin('/credentials/http-server-credentials/staff')).json();
    assert.deepEqual(shown, {
      has_entries: true,
      ...Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`has_secret${index + 1}`, index < 5])),
    });
    const page = await (await flow.nodeRed.admin('/nodes', { headers: { Accept: 'text/html' } })).text();
    assert.match(page, /http-server-credentials/);
    assertClean('the page of the editor', page);
  });

  it('is in no file of the user directory but encrypted', () => {
    const files = readdirSync(flow.nodeRed.userDir, { withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.some(({ name }) => name === 'flows_cred.json'));
    for (const { name } of files) assertClean(name, readFileSync(join(flow.nodeRed.userDir, name), 'utf8'));
  });
});
