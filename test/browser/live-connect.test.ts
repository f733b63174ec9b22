/** How pages of a real Chromium come to a stream or a WebSocket: what the web-platform tests ask beside live.test. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startChromium } from '../support/chromium.js';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

type Told = Record<string, any>;

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; const { req, res, ...rest } = msg; list.push(rest); global.set('${name}', list);`;

const nodes: Flow = [
  {
    ...{ id: 'staff', type: 'http-server-credentials', realm: 'Staff' },
    list: [{ slot: 1, scheme: 'basic', username: 'ann' }],
  },
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    ...{ id: 'route', type: 'route', otherwise: '404', outputs: 9 },
    rules: [
      { path: '/' },
      { path: '/events' },
      { methods: ['POST'], path: '/publish' },
      { path: '/moved' },
      { path: '/once' },
      { path: '/ws' },
      { path: '/staff' },
      { path: '/slow' },
      { path: '/seen' },
    ],
    wires: [['page'], ['sse'], ['set'], ['move'], ['once'], ['cookies'], ['guard'], ['wait'], ['seen']],
  },
  {
    ...{ id: 'page', type: 'template', field: 'payload', fieldType: 'msg', syntax: 'plain', output: 'str' },
    template: '<!doctype html><title>test</title>',
    wires: [['out']],
  },
  { id: 'out', type: 'http-server-response' },
  { id: 'sse', type: 'sse-out', server: 'server', channel: 'news', replay: 10, retry: 100, wires: [['keep-sse']] },
  { id: 'keep-sse', type: 'function', func: keep('sse'), wires: [[]] },
  {
    ...{ id: 'set', type: 'function', outputs: 2, wires: [['sse'], ['out']] },
    func: "node.send([{ ...msg.payload }, null]); msg.payload = 'ok'; return [null, msg];",
  },
  {
    ...{ id: 'move', type: 'function', wires: [['redirect']] },
    func: "msg.statusCode = Number(msg.req.query.status); msg.redirectUrl = '/events?from=' + msg.statusCode; return msg;",
  },
  { id: 'redirect', type: 'http-server-response', mode: 'redirect' },
  {
    // The first visit of a page gets the stream, every later one the order to stay away.
    ...{ id: 'once', type: 'function', outputs: 2, wires: [['sse'], ['out']] },
    func: `const visits = (flow.get('visits') || 0) + 1; flow.set('visits', visits);
      if (visits === 1) return [msg, null];
      msg.statusCode = 204; msg.payload = ''; return [null, msg];`,
  },
  {
    ...{ id: 'cookies', type: 'function', wires: [['ws']] },
    func: "msg.res.cookie('plain', '1').cookie('hidden', '2', { httpOnly: true }).clearCookie('old'); return msg;",
  },
  { id: 'guard', type: 'auth', access: 'staff', wires: [['ws']] },
  { id: 'wait', type: 'delay', pauseType: 'delay', timeout: '1', timeoutUnits: 'seconds', wires: [['ws']] },
  {
    ...{ id: 'ws', type: 'websocket-in', server: 'server', channel: 'room', compression: true },
    wires: [['ws-out', 'keep-ws'], ['keep-clients']],
  },
  { id: 'ws-out', type: 'websocket-out', server: 'server' },
  { id: 'keep-ws', type: 'function', func: `if (msg.payload.length > 100) return; ${keep('ws')}`, wires: [[]] },
  { id: 'keep-clients', type: 'function', func: keep('clients'), wires: [[]] },
  {
    ...{ id: 'seen', type: 'function', wires: [['out']] },
    func: 'msg.payload = global.get(msg.req.query.name) || []; global.set(msg.req.query.name, []); return msg;',
  },
];

let flow: LiveFlow;
let browser: Browser;
let page: Page;

before(async () => {
  flow = await LiveFlow.start(nodes, {}, { credentials: { staff: { secret1: 'secret word' } } });
  browser = await startChromium();
  page = await openPage(browser, flow.url('/'));
});
after(async () => {
  await browser.close();
  await flow.stop();
});

/** Runs the body of an async function in the page. */
function run<T>(body: string): Promise<T> {
  return page.evaluate(`(async () => {
    const next = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const post = (path, body) => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const there = 'ws://' + location.host;
    ${body}
  })()`);
}

async function seen(name: string): Promise<Told[]> {
  return (await (await flow.get(`/seen?name=${name}`)).json()) as Told[];
}

/** What came under a name since the last look and fits, when there are so many. */
async function told(name: string, count: number, fits: (message: Told) => boolean = () => true): Promise<Told[]> {
  const all: Told[] = [];
  await waitFor(`${count} of ${name}`, async () => all.push(...(await seen(name)).filter(fits)) >= count);
  return all;
}

/** A client that came. Those of an earlier test may leave late. */
const came = ({ payload }: Told): boolean => payload.event === 'connect';

describe('EventSource', () => {
  it('follows a redirect to the stream', async () => {
    await seen('sse');
    const got = await run<string[]>(
      `const got = [];
       for (const status of [301, 302, 303, 307, 308]) {
         const source = new EventSource('/moved?status=' + status);
         await next(source, 'open');
         const message = next(source, 'message');
         await post('/publish', { payload: status });
         const { data, origin } = await message;
         got.push(data + ' ' + (origin === location.origin));
         source.close();
       }
       return got;`,
    );
    assert.deepEqual(got, ['301 true', '302 true', '303 true', '307 true', '308 true']);
    const clients = await told('sse', 5, came);
    assert.deepEqual(
      clients.map(({ upgrade }) => upgrade.query.from),
      ['301', '302', '303', '307', '308'],
    );
  });

  it('stays away after a 204', async () => {
    const got = await run<number[]>(
      `const source = new EventSource('/once');
       await next(source, 'open');
       const states = [];
       source.onerror = () => states.push(source.readyState);
       await post('/publish', { close: true });
       while (states.length < 2) await pause(10);
       await pause(500);
       return states;`,
    );
    assert.deepEqual(got, [0, 2], 'it came back once, then no more');
  });

  it('comes back with an id of any script, and a message can set how soon', async () => {
    await seen('sse');
    const id = 'après … 你好 😀';
    const got = await run<{ data: string[]; waited: number }>(
      `const source = new EventSource('/events');
       const data = [];
       source.onmessage = (event) => data.push(event.data);
       await next(source, 'open');
       await post('/publish', { payload: 'before', id: ${JSON.stringify(id)}, retry: 1200 });
       while (data.length < 1) await pause(10);
       const error = next(source, 'error');
       await post('/publish', { close: true });
       await error;
       const start = performance.now();
       await post('/publish', { payload: 'missed' });
       await next(source, 'open');
       const waited = performance.now() - start;
       while (data.length < 2) await pause(10);
       source.close();
       return { data, waited };`,
    );
    assert.deepEqual(got.data, ['before', 'missed']);
    assert.ok(got.waited > 1000, `${got.waited} ms: the message's time, not the node's`);
    const [, again] = await told('sse', 2, came);
    assert.equal(again?.['payload'].lastEventId, id);
  });
});

describe('WebSocket', () => {
  it('logs in with the name and password of its URL, and not without', async () => {
    await seen('clients');
    const got = await run<unknown[]>(
      `const got = [];
       for (const login of ['', 'ann:wrong@', 'ann:secret%20word@']) {
         const socket = new WebSocket('ws://' + login + location.host + '/staff');
         got.push(await Promise.race([next(socket, 'open'), next(socket, 'close')]).then(({ type }) => type));
         socket.close();
       }
       return got;`,
    );
    assert.deepEqual(got, ['close', 'close', 'open']);
    const [client] = await told('clients', 1, came);
    assert.deepEqual(client?.['upgrade'].user, { name: 'ann', scheme: 'basic' });
  });

  it('comes with the query as the page wrote it, the page as origin and no referrer', async () => {
    await seen('ws');
    await run(
      `const socket = new WebSocket(there + '/ws?å=ä b&x=%2F');
       await next(socket, 'open');
       socket.send('x');
       await next(socket, 'message');
       socket.close();`,
    );
    const [message] = await told('ws', 1);
    const { query, headers } = message?.['upgrade'] as Told;
    assert.deepEqual(query, { å: 'ä b', x: '/' });
    assert.deepEqual([headers.origin, headers.referer], [`http://127.0.0.1:${flow.port}`, undefined]);
  });

  it('takes cookies of the 101, hides those for the server only, forgets old ones, and sends them all', async () => {
    await seen('ws');
    const [visible] = await run<string[]>(
      `document.cookie = 'old=0; Path=/';
       for (const turn of [1, 2]) {
         const socket = new WebSocket(there + '/ws');
         await next(socket, 'open');
         socket.send('x');
         await next(socket, 'message');
         socket.close();
       }
       return [document.cookie];`,
    );
    assert.equal(visible, 'plain=1');
    const [, second] = await told('ws', 2);
    assert.deepEqual(second?.['upgrade'].cookies, { plain: '1', hidden: '2' });
  });

  it('opens when the flow takes its time, and a page that gives up before was never a client', async () => {
    await seen('clients');
    const got = await run<unknown[]>(
      `const gone = new WebSocket(there + '/slow?gone');
       setTimeout(() => gone.close(), 300);
       const { code, wasClean } = await next(gone, 'close');
       const socket = new WebSocket(there + '/slow?stays');
       await next(socket, 'open');
       socket.send('x');
       const { data } = await next(socket, 'message');
       socket.close();
       await next(socket, 'close');
       return [code, wasClean, data];`,
    );
    assert.deepEqual(got, [1006, false, 'x']);
    const clients = await told('clients', 2, ({ upgrade }) => upgrade.path === '/slow');
    assert.deepEqual(
      clients.map(({ payload, upgrade }) => [payload.event, Object.keys(upgrade.query)]),
      [
        ['connect', ['stays']],
        ['disconnect', ['stays']],
      ],
    );
  });

  it('agrees on compression where the node offers it, and carries every size there and back', async () => {
    const got = await run<unknown[]>(
      `const socket = new WebSocket(there + '/ws');
       socket.binaryType = 'arraybuffer';
       await next(socket, 'open');
       const got = [socket.extensions.split(';')[0]];
       const noise = crypto.getRandomValues(new Uint8Array(65_536));
       for (const size of [0, 1, 125, 126, 1023, 1024, 65_535, 65_536, 300_000]) {
         const text = next(socket, 'message');
         socket.send('é'.repeat(size / 2));
         got.push((await text).data === 'é'.repeat(size / 2));
         const bytes = next(socket, 'message');
         const sent = noise.slice(0, size);
         socket.send(sent);
         got.push(String(new Uint8Array((await bytes).data)) === String(sent));
       }
       socket.close();
       return got;`,
    );
    assert.deepEqual(got, ['permessage-deflate', ...Array.from({ length: 18 }, () => true)]);
  });

  it('keeps the order of many messages, and the last one before a close', async () => {
    const got = await run<unknown[]>(
      `const socket = new WebSocket(there + '/ws');
       await next(socket, 'open');
       const got = [];
       socket.onmessage = ({ data }) => got.push(Number(data.slice(0, 4)));
       for (let count = 1000; count < 1100; count += 1) socket.send(count + 'x'.repeat(count % 7 ? 10 : 65_536));
       while (got.length < 100) await pause(10);
       socket.close(3001, 'a\\ud800b');
       const { code, reason, wasClean } = await next(socket, 'close');
       return [got.every((count, index) => count === 1000 + index), code, reason, wasClean];`,
    );
    assert.deepEqual(got, [true, 3001, 'a\ufffdb', true]);
  });
});

it('a worker has streams and WebSockets as a page has', async () => {
  const got = await run<string[]>(
    `const body = ${JSON.stringify(`onmessage = ({ data: host }) => {
       const source = new EventSource('http://' + host + '/events');
       source.onopen = () => postMessage('stream open');
       source.onmessage = ({ data }) => { postMessage('event ' + data); source.close(); };
       const socket = new WebSocket('ws://' + host + '/ws');
       socket.onopen = () => socket.send('from a worker');
       socket.onmessage = ({ data }) => { postMessage('message ' + data); socket.close(); };
     };`)};
     const worker = new Worker(URL.createObjectURL(new Blob([body])));
     const got = [];
     worker.onmessage = ({ data }) => got.push(data);
     worker.postMessage(location.host);
     while (!got.includes('stream open')) await pause(10);
     await post('/publish', { payload: 'to a worker' });
     while (got.length < 3) await pause(10);
     worker.terminate();
     return got.sort();`,
  );
  assert.deepEqual(got, ['event to a worker', 'message from a worker', 'stream open']);
});
