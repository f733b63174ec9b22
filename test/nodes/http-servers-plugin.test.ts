/** What the sidebar asks of the runtime: who may, what it tells, and that nothing is recorded while nobody looks. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import WebSocket from 'ws';
import { listFolders, listedFolders, lookAtFolder, suggestedFolders } from '../../plugins/http-servers/folder-look.js';
import { RequestWatch, keptRecords } from '../../plugins/http-servers/request-watch.js';
import { type FlowGraph, maxRows, routeTree } from '../../plugins/http-servers/route-tree.js';
import type { ServerView } from '../../plugins/http-servers/view.js';
import { Server } from '../../src/index.js';
import { type Flow, NodeRedProcess, freePort, pause } from '../support/node-red.js';

const json = { 'Content-Type': 'application/json' };

describe('the endpoints of the sidebar', () => {
  let nodeRed: NodeRedProcess;
  let port: number;

  before(async () => {
    port = await freePort();
    const flows: Flow = [
      { id: 'tab', type: 'tab' },
      { id: 'server', type: 'http-server-config', host: '127.0.0.1', port: String(port) },
      { id: 'broken', type: 'http-server-config', host: '127.0.0.1', port: 'eighty' },
      { id: 'in', type: 'http-server-in', z: 'tab', x: 0, y: 0, server: 'server', wires: [['route']] },
      {
        id: 'route',
        type: 'route',
        z: 'tab',
        x: 0,
        y: 0,
        rules: [{ path: '/events' }, { path: '/chat' }, { path: '/hello' }],
        outputs: 3,
        wires: [['events'], ['chat'], ['answer']],
      },
      { id: 'events', type: 'sse-out', z: 'tab', x: 0, y: 0, server: 'server', channel: 'news', wires: [[]] },
      { id: 'chat', type: 'websocket-in', z: 'tab', x: 0, y: 0, server: 'server', channel: 'chat', wires: [[], []] },
      { id: 'answer', type: 'http-server-response', z: 'tab', x: 0, y: 0, wires: [] },
    ];
    const user = (username: string, permissions: string): object => ({
      username,
      password: hashSync('secret', 4),
      permissions,
    });
    nodeRed = await NodeRedProcess.start({
      flows,
      settings: { adminAuth: { type: 'credentials', users: [user('owner', '*'), user('guest', 'read')] } },
    });
  });
  after(() => nodeRed.stop());

  const tokens = new Map<string, string>();

  /** The headers of a user who has logged in. */
  async function as(username: 'owner' | 'guest'): Promise<Record<string, string>> {
    if (!tokens.has(username)) {
      const scope = username === 'owner' ? '*' : 'read';
      const body = { client_id: 'node-red-admin', grant_type: 'password', scope, username, password: 'secret' };
      const login = await nodeRed.admin('/auth/token', { method: 'POST', headers: json, body: JSON.stringify(body) });
      tokens.set(username, ((await login.json()) as { access_token: string }).access_token);
    }
    return { ...json, Authorization: `Bearer ${tokens.get(username)!}` };
  }

  async function look(since = 0): Promise<ServerView[]> {
    const answer = await nodeRed.admin(`/http-servers?since=${since}`, { headers: await as('guest') });
    return ((await answer.json()) as { servers: ServerView[] }).servers;
  }

  async function lookUntil(is: (view: ServerView) => boolean): Promise<ServerView> {
    for (let left = 100; ; left -= 1) {
      const view = (await look()).find(({ id }) => id === 'server')!;
      if (is(view)) return view;
      assert.notEqual(left, 0, JSON.stringify(view));
      await pause(50);
    }
  }

  it('are closed to those who have not logged in', async () => {
    for (const [method, path] of [
      ['GET', '/http-servers'],
      ['GET', '/http-servers/folders?path=/'],
      ['POST', '/http-servers/server/stop'],
      ['DELETE', '/http-servers/server/clients/x'],
    ] as const)
      assert.equal((await nodeRed.admin(path, { method, headers: json })).status, 401, `${method} ${path}`);
  });

  it('let those who may only read look, and do nothing else', async () => {
    const headers = await as('guest');
    assert.equal((await nodeRed.admin('/http-servers', { headers })).status, 200);
    for (const [method, path] of [
      ['GET', '/http-servers/folders?path=/'],
      ['POST', '/http-servers/server/stop'],
      ['DELETE', '/http-servers/server/clients/x'],
    ] as const)
      assert.equal((await nodeRed.admin(path, { method, headers })).status, 401, `${method} ${path}`);
    assert.equal((await fetch(`http://127.0.0.1:${port}/hello`)).status, 200);
  });

  it('tell each server with its state, and why one cannot start', async () => {
    const [server, broken] = await look();
    assert.equal(server!.state, 'listening');
    assert.equal(server!.url, `http://127.0.0.1:${port}/`);
    assert.equal(broken!.state, 'refused');
    assert.match(broken!.error, /^port: /);
  });

  it('tell the requests since the last look, without their query', async () => {
    await look();
    await fetch(`http://127.0.0.1:${port}/hello?token=abc`);
    const { records } = await lookUntil((view) => view.records.some(({ path }) => path === '/hello'));
    const last = records.at(-1)!;
    assert.deepEqual(
      { method: last.method, path: last.path, status: last.status, result: last.result },
      { method: 'GET', path: '/hello', status: 200, result: 'response-sent' },
    );
    assert.doesNotMatch(JSON.stringify(records), /abc/);
    const again = await look(last.serial);
    assert.deepEqual(again[0]!.records, []);
  });

  it('tell live clients by channel and disconnect one', async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    const closed = new Promise((done) => client.once('close', done));
    const stream = await fetch(`http://127.0.0.1:${port}/events`);
    const { channels } = await lookUntil((view) => view.channels.length === 2);
    assert.deepEqual(
      channels.map(({ kind, name, count }) => `${kind} ${name} ${count}`),
      ['sse news 1', 'websocket chat 1'],
    );
    assert.equal(channels[1]!.clients[0]!.path, '/chat');
    const headers = await as('owner');
    for (const { clients } of channels) {
      const path = `/http-servers/server/clients/${clients[0]!.id}`;
      assert.equal((await nodeRed.admin(path, { method: 'DELETE', headers })).status, 204);
      assert.equal((await nodeRed.admin(path, { method: 'DELETE', headers })).status, 404);
    }
    await closed;
    assert.match(await stream.text(), /event: close/);
  });

  it('start and stop, but not for a request that a foreign page could send', async () => {
    const owner = await as('owner');
    const form = { ...owner, 'Content-Type': 'text/plain' };
    assert.equal((await nodeRed.admin('/http-servers/server/stop', { method: 'POST', headers: form })).status, 415);
    const post = async (action: string): Promise<number> =>
      (await nodeRed.admin(`/http-servers/server/${action}`, { method: 'POST', headers: owner, body: '{}' })).status;
    assert.equal(await post('explode'), 404);
    assert.equal(await post('stop'), 204);
    await lookUntil(({ state }) => state === 'stopped');
    assert.equal(await post('start'), 204);
    await lookUntil(({ state }) => state === 'listening');
    assert.equal(await post('restart'), 204);
    await lookUntil(({ state }) => state === 'listening');
  });

  it('refuse a path that is none', async () => {
    const headers = await as('owner');
    assert.equal((await nodeRed.admin('/http-servers/folders', { headers })).status, 400);
    assert.equal((await nodeRed.admin('/http-servers/folders?path=a%00b', { headers })).status, 400);
    const look = await nodeRed.admin(`/http-servers/folders?path=${encodeURIComponent(tmpdir())}`, { headers });
    assert.equal(((await look.json()) as { kind: string }).kind, 'folder');
    const list = await nodeRed.admin(`/http-servers/folders?path=${encodeURIComponent(__dirname)}&list`, { headers });
    assert.ok(((await list.json()) as { folders: string[] }).folders.every((name) => !name.includes('/')));
  });
});

describe('the watch over requests', () => {
  const server = (): Server => new Server({ address: { host: '127.0.0.1', port: 0 } });
  const record = { method: 'GET', path: '/', status: 200, ip: '::1', user: undefined, bytesIn: 0, bytesOut: 0, ms: 1 };

  it('listens to a server only while somebody looks', async () => {
    const watch = new RequestWatch(30);
    const [one, other] = [server(), server()];
    watch.look([one, other], 0);
    assert.equal(one.listenerCount('record'), 1);
    watch.look([one], 0);
    assert.equal(other.listenerCount('record'), 0, 'one that is not asked for any more');
    for (let left = 200; one.listenerCount('record') > 0; left -= 1) {
      assert.notEqual(left, 0);
      await pause(10);
    }
    assert.equal(watch.size, 0);
  });

  it('keeps the last records, and gives out those that are new', () => {
    const watch = new RequestWatch();
    const one = server();
    watch.look([one], 0);
    for (let count = 0; count < keptRecords + 5; count += 1)
      one.emit('record', { ...record, path: `/${count}`, result: 'response-sent' });
    const records = watch.look([one], 0).get(one)!;
    assert.equal(records.length, keptRecords);
    assert.equal(records[0]!.path, '/5');
    assert.equal(watch.look([one], records.at(-2)!.serial).get(one)!.length, 1);
    watch.end();
  });
});

describe('the look at a folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'folders-'));
  before(() => {
    for (const name of ['site', 'site-old', '.git', 'other']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'sit.txt'), '');
  });
  after(() => rmSync(root, { recursive: true }));

  it('tells folder, file and nothing apart', async () => {
    assert.equal((await lookAtFolder(join(root, 'site'))).kind, 'folder');
    assert.equal((await lookAtFolder(join(root, 'sit.txt'))).kind, 'file');
    assert.equal((await lookAtFolder(join(root, 'nowhere'))).kind, 'missing');
  });

  it('tells which folder above is there, and the whole of a relative path', async () => {
    const missing = await lookAtFolder(join(root, 'nowhere', 'at', 'all'));
    assert.deepEqual([missing.kind, missing.nearest, missing.writable], ['missing', root, true]);
    assert.equal((await lookAtFolder(join(root, 'sit.txt', 'x'))).nearest, root);
    assert.equal((await lookAtFolder('a/../b')).path, join(process.cwd(), 'b'));
  });

  it('tells a folder that may not be read from one that is not there', async (test) => {
    // Root may read everything; it can lay that down for a while.
    const isRoot = process.getuid?.() === 0;
    if (!process.seteuid) {
      test.skip('no user ids on this system');
      return;
    }
    const locked = join(root, 'locked');
    mkdirSync(locked, { mode: 0 });
    chmodSync(root, 0o755);
    if (isRoot) process.seteuid(65534);
    try {
      assert.equal((await lookAtFolder(locked)).kind, 'forbidden');
      assert.equal((await lookAtFolder(join(locked, 'inside'))).kind, 'forbidden');
      assert.equal((await listFolders(locked)).nearest, root);
    } finally {
      if (isRoot) process.seteuid(0);
      rmdirSync(locked);
    }
  });

  it('lists all folders to walk on from a path: links too, hidden ones last', async () => {
    symlinkSync(join(root, 'site'), join(root, 'link'));
    symlinkSync(join(root, 'sit.txt'), join(root, 'link.txt'));
    const expected = { nearest: root, folders: ['link', 'other', 'site', 'site-old', '.git'] };
    for (const path of [root, join(root, 'nowhere'), join(root, 'sit.txt')]) {
      const { nearest, folders } = await listFolders(path);
      assert.deepEqual({ nearest, folders }, expected, path);
    }
    rmSync(join(root, 'link'));
  });

  it('suggests the folders that continue what is typed; hidden ones only when asked for', async () => {
    assert.deepEqual((await lookAtFolder(join(root, 'sit'))).folders, [join(root, 'site'), join(root, 'site-old')]);
    assert.deepEqual((await lookAtFolder(`${root}/`)).folders, [
      join(root, 'other'),
      join(root, 'site'),
      join(root, 'site-old'),
    ]);
    assert.deepEqual((await lookAtFolder(join(root, '.g'))).folders, [join(root, '.git')]);
  });

  it('tells a bounded number', async () => {
    const many = join(root, 'other');
    for (let count = 0; count < listedFolders + 5; count += 1) mkdirSync(join(many, `f${count}`));
    assert.equal((await lookAtFolder(`${many}/`)).folders.length, suggestedFolders);
    assert.equal((await listFolders(many)).folders.length, listedFolders);
  });
});

describe('the tree of routes', () => {
  const graphOf = (nodes: Record<string, { type: string; wires: string[][] }>): FlowGraph => ({
    typeOf: (id) => nodes[id]?.type,
    outputsOf: (id) => nodes[id]?.wires ?? [],
  });
  const end = { type: 'http-server-response', wires: [] };

  it('passes over nodes that neither decide nor answer, and names each output of a router', () => {
    const graph = graphOf({
      in: { type: 'http-server-in', wires: [['auth']] },
      auth: { type: 'auth', wires: [['route'], ['login']] },
      route: { type: 'route', wires: [['change'], []] },
      change: { type: 'change', wires: [['end', 'debug']] },
      debug: { type: 'debug', wires: [] },
      login: end,
      end,
    });
    const leaf = (id: string): object => ({ id, rows: [], isOpen: false });
    assert.deepEqual(routeTree('in', graph), {
      id: 'in',
      isOpen: false,
      rows: [
        {
          id: 'auth',
          isOpen: false,
          rows: [
            {
              id: 'auth',
              output: 0,
              isOpen: false,
              rows: [
                {
                  id: 'route',
                  isOpen: false,
                  rows: [
                    { id: 'route', output: 0, isOpen: false, rows: [leaf('end')] },
                    { id: 'route', output: 1, isOpen: true, rows: [] },
                  ],
                },
              ],
            },
            { id: 'auth', output: 1, isOpen: false, rows: [leaf('login')] },
          ],
        },
      ],
    });
  });

  it('ends where a flow goes in a circle', () => {
    const graph = graphOf({
      in: { type: 'http-server-in', wires: [['limit']] },
      limit: { type: 'rate-limit', wires: [['wait']] },
      wait: { type: 'delay', wires: [['limit', 'wait']] },
    });
    assert.deepEqual(routeTree('in', graph).rows, [{ id: 'limit', rows: [], isOpen: true }]);
  });

  it('stays small when every router leads to every other', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `r${index}`);
    const graph = graphOf({
      in: { type: 'http-server-in', wires: [ids] },
      ...Object.fromEntries(ids.map((id) => [id, { type: 'route', wires: [ids, ids] }])),
    });
    let rows = 0;
    const count = (row: { rows: readonly unknown[] }): void => {
      rows += 1;
      for (const below of row.rows) count(below as { rows: unknown[] });
    };
    count(routeTree('in', graph));
    assert.ok(rows > 100 && rows <= maxRows + 50, `${rows} rows`);
  });
});
