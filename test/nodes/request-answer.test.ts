import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveFlow } from '../support/live-flow.js';

const root = mkdtempSync(join(tmpdir(), 'flow-files-'));
mkdirSync(join(root, 'sub'));
writeFileSync(join(root, 'index.html'), '<h1>home</h1>');
writeFileSync(join(root, 'a.txt'), 'file a');
writeFileSync(join(root, 'sub', 'index.html'), 'sub index');
writeFileSync(join(root, 'spa.html'), 'the app');

const rules = [
  { path: '/hello/<name>' },
  { methods: ['POST', 'PUT'], path: '/echo' },
  { path: '/moved' },
  { path: '/files/*' },
  { path: '/core' },
  { path: '/chunks' },
  { path: '/show/:id/.../x' },
  { methods: [], path: '/make' },
  { path: '/twice' },
  { path: '/silent' },
  { path: '/stream' },
  { path: '/text' },
  { path: '/json' },
];
const wires = [
  ['change'],
  ['auto'],
  ['redirect'],
  ['files'],
  ['core-out'],
  ['chunks'],
  ['show'],
  ['make'],
  ['twice'],
  [],
  ['stream'],
  ['text'],
  ['json'],
];

describe('a request through the flow', () => {
  let flow: LiveFlow;

  before(async () => {
    flow = await LiveFlow.start(
      [
        { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
        { id: 'route', type: 'route', rules, otherwise: 'files', outputs: rules.length, wires },
        {
          id: 'change',
          type: 'change',
          rules: [{ t: 'set', p: 'payload', pt: 'msg', to: "'Hello ' & req.params.name", tot: 'jsonata' }],
          wires: [['auto']],
        },
        { id: 'auto', type: 'http-server-response', mode: 'auto' },
        { id: 'redirect', type: 'http-server-response', mode: 'redirect', redirectUrl: '/there', permanent: true },
        { id: 'files', type: 'file-response', rootPath: root, listing: false },
        { id: 'core-out', type: 'http response', statusCode: '', headers: {} },
        {
          id: 'chunks',
          type: 'function',
          func: "node.send({...msg, payload: 'a'}); node.send({...msg, payload: ''}); return {...msg, payload: 'b', complete: true};",
          wires: [['chunked']],
        },
        { id: 'chunked', type: 'http-server-response', mode: 'chunked' },
        {
          id: 'show',
          type: 'function',
          func: 'const {params, route, query, path, ip} = msg.req; msg.payload = {params, route, query, path, ip}; return msg;',
          wires: [['auto']],
        },
        {
          id: 'make',
          type: 'function',
          func: "const m = JSON.parse(decodeURIComponent(msg.req.query.msg)); if (m.payload === 'undefined') delete m.payload; return {...msg, payload: undefined, ...m};",
          wires: [['auto']],
        },
        { id: 'twice', type: 'function', func: 'node.send(msg); return msg;', wires: [['auto']] },
        {
          id: 'stream',
          type: 'function',
          func: 'msg.payload = (function* () { yield "x"; yield Buffer.from("y"); })(); return msg;',
          wires: [['auto']],
        },
        { id: 'text', type: 'http-server-response', mode: 'text' },
        { id: 'json', type: 'http-server-response', mode: 'json' },
        { id: 'core-in', type: 'http in', url: '/ours/:id', method: 'get', wires: [['core-route']] },
        {
          id: 'core-route',
          type: 'route',
          rules: [{ path: '/ours/<who>' }],
          otherwise: 'files',
          outputs: 1,
          wires: [['core-change']],
        },
        {
          id: 'core-change',
          type: 'change',
          rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'req.params', tot: 'msg' }],
          wires: [['auto']],
        },
        { id: 'core-miss', type: 'http in', url: '/miss', method: 'get', wires: [['core-route']] },
        { id: 'core-file-in', type: 'http in', url: '/core-file', method: 'get', wires: [['core-file']] },
        { id: 'core-file', type: 'file-response', rootPath: root, filename: 'a.txt' },
      ],
      { rootPath: root, responseTimeout: 1, headers: [{ name: 'X-Default', value: '1' }] },
    );
  });
  after(async () => {
    await flow.stop();
    rmSync(root, { recursive: true });
  });

  const make = (message: unknown, init?: RequestInit): Promise<Response> =>
    flow.get(`/make?msg=${encodeURIComponent(encodeURIComponent(JSON.stringify(message)))}`, init);

  it('goes through server-in, route, change and response', async () => {
    const response = await flow.get('/hello/b%20b');
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'Hello b b');
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(response.headers.get('x-default'), '1');
    assert.equal(response.headers.get('x-powered-by'), null);
  });

  it('carries parameters, wildcards, query and route in Express shape', async () => {
    const shown = (await (await flow.get('/show/7/any/x?a=1&a=2&b[c]=3')).json()) as Record<string, unknown>;
    assert.deepEqual(shown, {
      params: { '0': 'any', id: '7' },
      route: { path: '/show/:id/.../x', methods: { get: true } },
      query: { a: ['1', '2'], 'b[c]': '3' },
      path: '/show/7/any/x',
      ip: '127.0.0.1',
    });
  });

  it('parses JSON bodies and answers objects as JSON', async () => {
    const response = await flow.get('/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":[1]}',
    });
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.deepEqual(await response.json(), { a: [1] });
  });

  it('never answers JSONP, whatever the query', async () => {
    const response = await flow.get('/core?callback=x');
    assert.equal(await response.text(), '{"callback":"x"}');
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  });

  it('gives an empty object for a POST without body', async () => {
    assert.deepEqual(await (await flow.get('/echo', { method: 'POST' })).json(), {});
  });

  it('refuses invalid JSON with 400 and no stack trace', async () => {
    const response = await flow.get('/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a"',
    });
    assert.equal(response.status, 400);
    assert.equal(await response.text(), 'Bad Request');
  });

  it('answers JSON errors to clients that prefer JSON', async () => {
    const response = await flow.get('/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: '{',
    });
    assert.deepEqual(await response.json(), { status: 400, error: 'Bad Request', code: 'BAD_JSON' });
  });

  it('redirects', async () => {
    const response = await flow.get('/moved');
    assert.equal(response.status, 301);
    assert.equal(response.headers.get('location'), '/there');
  });

  it('serves files below the wildcard of the route', async () => {
    assert.equal(await (await flow.get('/files/a.txt')).text(), 'file a');
    assert.equal((await flow.get('/files/sub')).headers.get('location'), '/files/sub/');
    assert.equal(await (await flow.get('/files/sub/')).text(), 'sub index');
    const missing = await flow.get('/files/none');
    assert.equal(missing.status, 404);
    assert.equal(await missing.text(), 'File not found');
  });

  it('looks into the root folder of the server for what no rule takes', async () => {
    assert.equal(await (await flow.get('/')).text(), '<h1>home</h1>');
    assert.equal((await flow.get('/none')).status, 404);
  });

  it('answers 405 with Allow for a known path, 204 to OPTIONS, and HEAD by GET', async () => {
    const wrong = await flow.get('/echo', { method: 'DELETE' });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'OPTIONS, POST, PUT');
    const options = await flow.get('/hello/x', { method: 'OPTIONS' });
    assert.equal(options.status, 204);
    assert.equal(options.headers.get('allow'), 'GET, HEAD, OPTIONS');
    const head = await flow.get('/hello/x', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), '7');
  });

  it('is answered by the core http response node', async () => {
    const response = await flow.get('/core?a=1');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { a: '1' });
  });

  it('writes a chunk per message and ends with msg.complete', async () => {
    const response = await flow.get('/chunks');
    assert.equal(response.headers.get('transfer-encoding'), 'chunked');
    assert.equal(await response.text(), 'ab');
  });

  it('sends iterables piece by piece', async () => {
    assert.equal(await (await flow.get('/stream')).text(), 'xy');
  });

  it('answers a boolean payload, which the core node leaves hanging', async () => {
    const response = await make({ payload: true });
    assert.equal(await response.text(), 'true');
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  });

  it('answers null as JSON and undefined as nothing', async () => {
    assert.equal(await (await make({ payload: null })).text(), 'null');
    const empty = await make({ payload: 'undefined' });
    assert.equal(await empty.text(), '');
    assert.equal(empty.headers.get('content-type'), null);
  });

  it('takes status, headers and cookies from the message', async () => {
    const response = await make({
      payload: 'x',
      statusCode: 201,
      statusText: 'Made',
      headers: { 'X-List': ['1', '2'], 'Content-Type': 'text/plain' },
      cookies: { a: 'b c', gone: null, full: { value: '1', maxAge: 60000, httpOnly: true } },
    });
    assert.equal(response.status, 201);
    assert.equal(response.statusText, 'Made');
    assert.equal(response.headers.get('x-list'), '1, 2');
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    const cookies = response.headers.getSetCookie();
    assert.equal(cookies[0], 'a=b%20c; Path=/');
    assert.equal(cookies[1], 'gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
    assert.match(cookies[2] ?? '', /^full=1; Path=\/; Max-Age=60; Expires=.* GMT; HttpOnly$/);
  });

  it('T38 answers 500 and raises a catchable error for a header with a line break', async () => {
    const response = await make({ payload: 'x', headers: { 'X-Bad': 'a\r\nb' } });
    assert.equal(response.status, 500);
    assert.equal(await response.text(), 'Internal Server Error');
    const [error] = await flow.caught();
    assert.equal(error?.source, 'auto');
    assert.equal(
      error.message,
      'HttpError: The header X-Bad contains a line break or another character that a header cannot carry.',
    );
  });

  it('T39 answers 500 and raises a catchable error for a status that is none', async () => {
    for (const statusCode of [99, 1000, 'abc']) {
      const response = await make({ payload: 'x', statusCode });
      assert.equal(response.status, 500);
      assert.equal((await flow.caught()).length, 1);
    }
  });

  it('T45 refuses a second answer with ALREADY_ANSWERED on the node that tried', async () => {
    assert.equal((await flow.get('/twice')).status, 200);
    const errors = await flow.caught();
    assert.equal(errors.length, 1);
    assert.equal(errors[0]?.source, 'auto');
    assert.match(errors[0].message, /already been answered/);
  });

  it('T46 answers 504 when the flow does not', async () => {
    const begun = Date.now();
    const response = await flow.get('/silent');
    assert.equal(response.status, 504);
    const waited = Date.now() - begun;
    assert.ok(waited >= 900 && waited < 5000, `${waited} ms`);
  });

  it('has modes for text and JSON', async () => {
    assert.equal(await (await flow.get('/text?a=1')).text(), '{"a":"1"}');
    assert.equal((await flow.get('/text?a=1')).headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await (await flow.get('/json')).text(), '{}');
  });

  it('serves requests of the core http in', async () => {
    const response = await flow.nodeRed.admin('/ours/7');
    assert.deepEqual(await response.json(), { id: '7', who: '7' });
    assert.equal(await (await flow.nodeRed.admin('/core-file')).text(), 'file a');
  });

  it('answers 404 with a catchable error where a core request has no root folder', async () => {
    const response = await flow.nodeRed.admin('/miss');
    assert.equal(response.status, 404);
    const [error] = await flow.caught();
    assert.equal(error?.source, 'core-route');
  });

  it('T49 refuses a broken escape with 400 before any flow', async () => {
    assert.equal((await flow.get('/hello/%zz')).status, 400);
  });
});
