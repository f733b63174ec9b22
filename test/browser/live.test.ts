/** What the web-platform tests ask of event streams and WebSockets, in a real Chromium against a flow. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openPage, startChromium } from '../support/chromium.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort } from '../support/node-red.js';
import { selfSigned } from '../support/self-signed.js';
import { waitFor } from '../support/wait-for.js';

type Told = Record<string, any>;

const keep = (name: string): string =>
  `const list = global.get('${name}') || []; const { req, res, ...rest } = msg; list.push(rest); global.set('${name}', list);`;

/** Both servers lead to the same route; "pages" serves a page of another origin. */
function nodes(pages: number, secure: number, folder: string): Flow {
  return [
    { id: 'pages', type: 'http-server-config', host: '127.0.0.1', port: String(pages) },
    { id: 'secure', type: 'http-server-config', host: '127.0.0.1', port: String(secure), tls: 'tls' },
    { id: 'tls', type: 'tls-config', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: '' },
    { id: 'pages-in', type: 'http-server-in', server: 'pages', wires: [['page']] },
    { id: 'secure-in', type: 'http-server-in', server: 'secure', wires: [['secure-route']] },
    {
      ...{ id: 'secure-route', type: 'route', rules: [{ path: '/' }, { path: '/ws' }], otherwise: '404', outputs: 2 },
      wires: [['page'], ['secure-ws']],
    },
    { id: 'secure-ws', type: 'websocket-in', server: 'secure', wires: [['secure-out'], []] },
    { id: 'secure-out', type: 'websocket-out', server: 'secure' },
    { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
    {
      ...{ id: 'route', type: 'route', otherwise: '404', outputs: 8 },
      rules: [
        { path: '/' },
        { path: '/events' },
        { methods: ['POST'], path: '/publish' },
        { path: '/ws' },
        { path: '/any' },
        { methods: ['POST'], path: '/send' },
        { path: '/seen' },
        { path: '/camera' },
      ],
      wires: [['page'], ['sse'], ['set'], ['cookie'], ['ws-any'], ['set-ws'], ['seen'], ['camera']],
    },
    {
      ...{ id: 'page', type: 'template', field: 'payload', fieldType: 'msg', syntax: 'plain', output: 'str' },
      template: '<!doctype html><title>test</title>',
      wires: [['out']],
    },
    { id: 'out', type: 'http-server-response' },
    { id: 'sse', type: 'sse-out', server: 'server', replay: 10, retry: 200, heartbeat: 1, wires: [['keep-sse']] },
    { id: 'keep-sse', type: 'function', func: keep('sse'), wires: [[]] },
    {
      ...{ id: 'set', type: 'function', outputs: 2, wires: [['sse'], ['out']] },
      func: "node.send([{ ...msg.payload }, null]); msg.payload = 'ok'; return [null, msg];",
    },
    {
      ...{ id: 'cookie', type: 'function', wires: [['ws']] },
      func: "msg.res.cookie('upgraded', 'yes'); return msg;",
    },
    {
      ...{ id: 'ws', type: 'websocket-in', server: 'server', channel: 'room', subprotocols: ['chat', 'superchat'] },
      wires: [['ws-out', 'keep-ws'], ['keep-clients']],
    },
    { id: 'ws-any', type: 'websocket-in', server: 'server', channel: 'any', origins: ['*'], wires: [['ws-out'], []] },
    { id: 'ws-out', type: 'websocket-out', server: 'server' },
    { id: 'keep-ws', type: 'function', func: `if (msg.payload.length > 100) return; ${keep('ws')}`, wires: [[]] },
    { id: 'keep-clients', type: 'function', func: keep('clients'), wires: [[]] },
    {
      ...{ id: 'set-ws', type: 'function', outputs: 2, wires: [['ws-out'], ['out']] },
      func: "node.send([{ ...msg.payload }, null]); msg.payload = 'ok'; return [null, msg];",
    },
    {
      ...{ id: 'seen', type: 'function', wires: [['out']] },
      func: 'msg.payload = global.get(msg.req.query.name) || []; global.set(msg.req.query.name, []); return msg;',
    },
    {
      ...{ id: 'camera', type: 'http-server-response', mode: 'chunked', shared: true },
      contentType: 'multipart/x-mixed-replace',
    },
    { id: 'tick', type: 'inject', repeat: '0.1', once: true, props: [{ p: 'payload' }], wires: [['draw']] },
    {
      ...{ id: 'draw', type: 'function', wires: [['camera']] },
      // A GIF of one pixel: as good a picture as any.
      func: "msg.payload = Buffer.from('R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==', 'base64'); msg.contentType = 'image/gif'; return msg;",
    },
  ];
}

let flow: LiveFlow;
let browser: Browser;
let page: Page;
let foreign: Page;
let securePort: number;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-browser-'));
  const { cert, key } = selfSigned();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const pages = await freePort();
  securePort = await freePort();
  flow = await LiveFlow.start(nodes(pages, securePort, folder), {
    cors: { origins: [`http://127.0.0.1:${pages}`], credentials: true },
  });
  browser = await startChromium();
  page = await openPage(browser, flow.url('/'));
  foreign = await openPage(browser, `http://127.0.0.1:${pages}/`);
});
after(async () => {
  await browser.close();
  await flow.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the body of an async function in a page. */
function run<T>(where: Page, body: string): Promise<T> {
  return where.evaluate(`(async () => {
    const next = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const post = (path, body) => fetch('http://127.0.0.1:${flow.port}' + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    ${body}
  })()`);
}

async function seen(name: string): Promise<Told[]> {
  return (await (await flow.get(`/seen?name=${name}`)).json()) as Told[];
}

/** The events of a name that have come to the flow, when there are so many. */
async function told(name: string, count: number): Promise<Told[]> {
  const all: Told[] = [];
  await waitFor(`${count} of ${name}`, async () => all.push(...(await seen(name))) >= count);
  return all;
}

/** So many events of clients that came since the last look: one of an earlier test may leave late. */
async function lives(name: string, count: number): Promise<Told[]> {
  const all: Told[] = [];
  const came = new Set<unknown>();
  await waitFor(`${count} of ${name}`, async () => {
    for (const event of await seen(name)) {
      if (event['payload'].event === 'connect') came.add(event['client']);
      if (came.has(event['client'])) all.push(event);
    }
    return all.length >= count;
  });
  return all;
}

describe('EventSource', () => {
  it('gets messages with data, id and origin; names of events; comments do not show', async () => {
    await seen('sse');
    const got = await run<unknown[]>(
      page,
      `const source = new EventSource('/events');
       await next(source, 'open');
       const got = [];
       const note = ({ type, data, lastEventId, origin }) => got.push([type, data, lastEventId, origin === location.origin]);
       for (const name of ['message', 'news', 'a:b c']) source.addEventListener(name, note);
       await post('/publish', { payload: 'plain', id: 'one', comment: 'not seen' });
       await post('/publish', { payload: { a: [1, null] }, event: 'news', id: 'two' });
       await post('/publish', { payload: 'x', event: 'a:b c', id: 0 });
       await post('/publish', { payload: 'last', fields: { other: 'ignored' }, id: 'three' });
       while (got.length < 4) await pause(10);
       source.close();
       return got;`,
    );
    assert.deepEqual(got, [
      ['message', 'plain', 'one', true],
      ['news', '{"a":[1,null]}', 'two', true],
      ['a:b c', 'x', '0', true],
      ['message', 'last', 'three', true],
    ]);
    const [connect, disconnect] = await lives('sse', 2);
    assert.deepEqual([connect?.['payload'].event, connect?.['payload'].count], ['connect', 1]);
    assert.deepEqual([disconnect?.['payload'].reason, disconnect?.['payload'].count], ['left', 0]);
  });

  it('gets data as it was: lines of any ending, spaces, empty text, NUL, BOM, emoji, a lot', async () => {
    const texts = [
      'a\nb',
      'a\r\nb\rc',
      '\n',
      '',
      '  two spaces',
      ': no comment',
      'data: no field',
      '\u0000',
      '\ufeffBOM',
      '😀é',
      'x'.repeat(100_000),
    ];
    const got = await run<string[]>(
      page,
      `const source = new EventSource('/events');
       await next(source, 'open');
       const got = [];
       source.onmessage = ({ data }) => got.push(data);
       for (const payload of ${JSON.stringify(texts)}) await post('/publish', { payload });
       while (got.length < ${texts.length}) await pause(10);
       source.close();
       return got;`,
    );
    assert.deepEqual(
      got,
      texts.map((text) => text.replaceAll(/\r\n|\r/g, '\n')),
    );
  });

  it('comes back after the retry time with the last id, and misses nothing', async () => {
    await seen('sse');
    const got = await run<{ data: string[]; states: number[]; waited: number }>(
      page,
      `const source = new EventSource('/events');
       const data = [];
       const states = [];
       source.onmessage = (event) => data.push(event.data);
       source.onerror = () => states.push(source.readyState);
       await next(source, 'open');
       await post('/publish', { payload: 'before', id: 'seen' });
       while (data.length < 1) await pause(10);
       const error = next(source, 'error');
       await post('/publish', { close: true });
       await error;
       const start = performance.now();
       await post('/publish', { payload: 'missed 1' });
       await post('/publish', { payload: 'missed 2' });
       await next(source, 'open');
       const waited = performance.now() - start;
       await post('/publish', { payload: 'after' });
       while (data.length < 4) await pause(10);
       source.close();
       return { data, states, waited };`,
    );
    assert.deepEqual(got.data, ['before', 'missed 1', 'missed 2', 'after']);
    assert.deepEqual(got.states, [0], 'connecting again');
    assert.ok(got.waited < 2500, `${got.waited} ms: not Chromium's own 3 seconds`);
    const events = (await lives('sse', 4)).map(({ payload }) => [payload.event, payload.lastEventId, payload.reason]);
    assert.deepEqual(events.slice(0, 3), [
      ['connect', '', undefined],
      ['disconnect', '', 'closed'],
      ['connect', 'seen', undefined],
    ]);
  });

  it('a page that listens for "close" can take it as the end', async () => {
    const state = await run<number>(
      page,
      `const source = new EventSource('/events');
       await next(source, 'open');
       const closed = next(source, 'close');
       await post('/publish', { close: true });
       await closed;
       source.close();
       return source.readyState;`,
    );
    assert.equal(state, 2);
  });

  it('gives up on an answer that is no stream', async () => {
    const state = await run<number>(
      page,
      `const source = new EventSource('/nowhere'); await next(source, 'error'); return source.readyState;`,
    );
    assert.equal(state, 2);
  });

  it('heartbeats are no events', async () => {
    const count = await run<number>(
      page,
      `const source = new EventSource('/events');
       let count = 0;
       source.onmessage = () => count += 1;
       source.onerror = () => count += 1;
       await next(source, 'open');
       await pause(1500);
       source.close();
       return count;`,
    );
    assert.equal(count, 0);
  });

  it('reads a stream of another origin that is allowed, with cookies if it wants', async () => {
    // Cookies do not know ports: those of this host go to every server of it, if the page says so.
    await foreign.context().addCookies([{ name: 'who', value: 'me', url: flow.url('/') }]);
    await seen('sse');
    const data = await run<string[]>(
      foreign,
      `const data = [];
       for (const withCredentials of [false, true]) {
         const source = new EventSource('${flow.url('/events')}', { withCredentials });
         await next(source, 'open');
         const message = next(source, 'message');
         await post('/publish', { payload: withCredentials });
         data.push((await message).data);
         source.close();
       }
       return data;`,
    );
    assert.deepEqual(data, ['false', 'true']);
    const connects = (await lives('sse', 3)).filter(({ payload }) => payload.event === 'connect');
    assert.deepEqual(
      connects.map(({ upgrade }) => upgrade.cookies),
      [{}, { who: 'me' }],
    );
    assert.match(connects[1]?.['upgrade'].headers.origin, /^http:\/\/127\.0\.0\.1:/);
  });

  it('T62 is not read by a page of an origin that is not allowed', async () => {
    const third = await openPage(browser, flow.url('/').replace('127.0.0.1', 'localhost'));
    const state = await run<number>(
      third,
      `const source = new EventSource('${flow.url('/events')}'); await next(source, 'error'); return source.readyState;`,
    );
    assert.equal(state, 2);
    await third.context().close();
  });
});

describe('WebSocket', () => {
  it('carries text and binary of every kind there and back', async () => {
    const texts = ['hello', '', '\u0000', '😀é', 'x'.repeat(70_000)];
    const got = await run<unknown[]>(
      page,
      `const socket = new WebSocket('ws://' + location.host + '/ws');
       await next(socket, 'open');
       const got = [socket.protocol, socket.extensions, socket.bufferedAmount];
       for (const text of ${JSON.stringify(texts)}) {
         const answer = next(socket, 'message');
         socket.send(text);
         got.push((await answer).data === text);
       }
       const surrogate = next(socket, 'message');
       socket.send('a\\ud800b');
       got.push((await surrogate).data);
       const bytes = Uint8Array.of(0, 255, 254, 1);
       for (const kind of ['blob', 'arraybuffer']) {
         socket.binaryType = kind;
         for (const content of [bytes, bytes.buffer, new Blob([bytes]), new DataView(bytes.buffer), new Uint8Array()]) {
           const answer = next(socket, 'message');
           socket.send(content);
           const { data } = await answer;
           got.push(data.constructor.name + ' ' + new Uint8Array(kind === 'blob' ? await data.arrayBuffer() : data).join());
         }
       }
       const closed = next(socket, 'close');
       socket.close();
       const { code, reason, wasClean } = await closed;
       return [...got, code, reason, wasClean];`,
    );
    const kinds = ['Blob', 'ArrayBuffer'].flatMap((kind) => [
      ...Array.from({ length: 4 }, () => `${kind} 0,255,254,1`),
      `${kind} `,
    ]);
    assert.deepEqual(got, ['', '', 0, true, true, true, true, true, 'a\ufffdb', ...kinds, 1005, '', true]);
  });

  it('agrees on a subprotocol, and fails without one when the page wants one', async () => {
    const got = await run<unknown[]>(
      page,
      `const both = new WebSocket('ws://' + location.host + '/ws', ['superchat', 'chat', 'other']);
       await next(both, 'open');
       const none = new WebSocket('ws://' + location.host + '/ws', ['other']);
       const { code, wasClean } = await next(none, 'close');
       both.close();
       return [both.protocol, code, wasClean];`,
    );
    assert.deepEqual(got, ['chat', 1006, false]);
  });

  it('closes with codes both ways', async () => {
    await seen('clients');
    const got = await run<unknown[]>(
      page,
      `const codes = [];
       for (const args of [[], [1000], [1000, 'bye'], [3000, 'é'.repeat(61)], [4999]]) {
         const socket = new WebSocket('ws://' + location.host + '/ws');
         await next(socket, 'open');
         socket.close(...args);
         const { code, reason, wasClean } = await next(socket, 'close');
         codes.push([code, reason, wasClean]);
       }
       for (const close of [true, { code: 4001, reason: 'enough' }]) {
         const socket = new WebSocket('ws://' + location.host + '/ws');
         await next(socket, 'open');
         const words = [];
         socket.onmessage = ({ data }) => words.push(data);
         await post('/send', { payload: 'last words', close });
         const { code, reason, wasClean } = await next(socket, 'close');
         codes.push([code, reason, wasClean, ...words]);
       }
       return codes;`,
    );
    assert.deepEqual(got, [
      [1005, '', true],
      [1000, '', true],
      [1000, 'bye', true],
      [3000, 'é'.repeat(61), true],
      [4999, '', true],
      [1000, '', true, 'last words'],
      [4001, 'enough', true, 'last words'],
    ]);
    const ends = (await lives('clients', 14)).filter(({ payload }) => payload.event === 'disconnect');
    assert.deepEqual(
      ends.map(({ payload }) => payload.code),
      [1005, 1000, 1000, 3000, 4999, 1000, 4001],
    );
  });

  it('bufferedAmount falls to 0 when the flow takes what was sent', async () => {
    const [queued, left] = await run<number[]>(
      page,
      `const socket = new WebSocket('ws://' + location.host + '/ws');
       await next(socket, 'open');
       for (let count = 0; count < 40; count += 1) socket.send(new Uint8Array(500_000));
       const queued = socket.bufferedAmount;
       for (let turn = 0; turn < 500 && socket.bufferedAmount > 0; turn += 1) await pause(10);
       const left = socket.bufferedAmount;
       socket.close();
       return [queued, left];`,
    );
    assert.equal(queued, 20_000_000);
    assert.equal(left, 0);
  });

  it('sends cookies with the handshake and takes those of the 101', async () => {
    await seen('ws');
    const cookies = await run<string>(
      page,
      `document.cookie = 'mine=1';
       const socket = new WebSocket('ws://' + location.host + '/ws?room=7');
       await next(socket, 'open');
       socket.send('x');
       await next(socket, 'message');
       socket.close();
       return document.cookie;`,
    );
    assert.match(cookies, /upgraded=yes/);
    const [message] = await told('ws', 1);
    const upgrade = message?.['upgrade'];
    assert.equal(upgrade.cookies.mine, '1');
    assert.deepEqual([upgrade.path, upgrade.query], ['/ws', { room: '7' }]);
  });

  it('T61 is refused to a page of another origin, unless the node allows it', async () => {
    const got = await run<unknown[]>(
      foreign,
      `const refused = new WebSocket('${flow.url('/ws').replace('http', 'ws')}');
       const { code, wasClean } = await next(refused, 'close');
       const allowed = new WebSocket('${flow.url('/any').replace('http', 'ws')}');
       await next(allowed, 'open');
       allowed.close();
       return [code, wasClean];`,
    );
    assert.deepEqual(got, [1006, false]);
  });

  it('a page that goes away has left with 1001', async () => {
    await seen('clients');
    const other = await openPage(browser, flow.url('/'));
    await run(other, `window.socket = new WebSocket('ws://' + location.host + '/ws'); await next(socket, 'open');`);
    await other.goto('about:blank');
    const events = await lives('clients', 2);
    assert.equal(events[1]?.['payload'].code, 1001);
    await other.context().close();
  });

  it('works over TLS', async () => {
    const secure = await openPage(browser, `https://127.0.0.1:${securePort}/`);
    const data = await run<string>(
      secure,
      `const socket = new WebSocket('wss://' + location.host + '/ws');
       await next(socket, 'open');
       const answer = next(socket, 'message');
       socket.send('in private');
       const { data } = await answer;
       socket.close();
       return data;`,
    );
    assert.equal(data, 'in private');
    await secure.context().close();
  });
});

it('a stream of pictures shows in an <img>', async () => {
  const size = await run<number[]>(
    page,
    `const image = new Image();
     image.src = '/camera';
     for (let turn = 0; turn < 500 && image.naturalWidth === 0; turn += 1) await pause(10);
     const { naturalWidth, naturalHeight } = image;
     image.src = '';
     return [naturalWidth, naturalHeight];`,
  );
  assert.deepEqual(size, [1, 1]);
});
