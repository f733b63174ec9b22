/** A setting that cannot work: red, one logged error that names the property, 503 for each request, and the rest works. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort } from '../support/node-red.js';
import { StatusView } from '../support/node-status.js';
import { refuses } from '../support/refuses.js';

type Properties = Record<string, unknown>;

/** Nodes behind the path of their id, each with one property that is refused, and the property. */
const behind: Record<string, [property: string, Properties]> = {
  rule: [
    'rules',
    {
      type: 'route',
      rules: [{ path: '/....' }, { path: 'no-slash' }],
      otherwise: 'output',
      wires: [['ok'], ['ok'], ['ok']],
    },
  ],
  ruleMethod: ['rules', { type: 'route', rules: [{ path: '/....', methods: ['GE T'] }], wires: [['ok']] }],
  ruleSlash: ['rules', { type: 'route', rules: [{ path: '/a/', appendSlash: true }], wires: [['ok']] }],
  ruleList: ['rules', { type: 'route', rules: 'no list', wires: [['ok']] }],
  otherwise: ['otherwise', { type: 'route', rules: [], otherwise: 'nothing' }],
  mode: ['mode', { type: 'http-server-response', mode: 'xml' }],
  status: ['statusCode', { type: 'http-server-response', statusCode: '99' }],
  statusText: ['statusCode', { type: 'http-server-response', statusCode: 'abc' }],
  headerName: ['headers', { type: 'http-server-response', headers: [{ name: 'a b', value: 'x' }] }],
  headerValue: ['headers', { type: 'http-server-response', headers: [{ name: 'X', value: 'a\r\nb' }] }],
  headerMap: ['headers', { type: 'http-server-response', headers: { X: 'y' } }],
  cookieJson: ['cookies', { type: 'http-server-response', cookies: '{"a":' }],
  cookieName: ['cookies', { type: 'http-server-response', cookies: { 'a b': 'x' } }],
  kind: ['contentType', { type: 'http-server-response', contentType: 'x', contentTypeType: 'jquery' }],
  flags: [
    'statusCode',
    { type: 'http-server-response', mode: 'redirect', redirectUrl: '/x', statusCode: 303, permanent: true },
  ],
  redirect: ['statusCode', { type: 'http-server-response', mode: 'redirect', redirectUrl: '/x', statusCode: 200 }],
  variable: ['statusCode', { type: 'http-server-response', statusCode: '${NOT_SET_ANYWHERE}' }],
  dotfiles: ['dotfiles', { type: 'file-response', rootPath: '/', dotfiles: 'show' }],
  bufferSize: ['bufferSize', { type: 'file-response', rootPath: '/', bufferSize: 'much' }],
  bufferNone: ['bufferSize', { type: 'file-response', rootPath: '/', bufferSize: 0 }],
  maxAge: ['maxAge', { type: 'file-response', rootPath: '/', maxAge: -1 }],
  notFound: ['notFound', { type: 'file-response', rootPath: '/', notFound: 'ignore' }],
  safe: ['safe', { type: 'file-response', rootPath: '/', safe: 'perhaps' }],
  fileStatus: ['statusCode', { type: 'file-response', rootPath: '/', statusCode: 600 }],
};

/** Doors at the path of their id with one property that is refused. */
const doors: Record<string, [property: string, Properties]> = {
  limit: ['bodyLimit', { bodyLimit: 'huge' }],
  body: ['body', { body: 'xml' }],
  upload: ['upload', { upload: 'cloud' }],
  maxFiles: ['maxFiles', { maxFiles: 'many' }],
  methods: ['methods', { methods: ['GE T'] }],
  rawBody: ['rawBody', { rawBody: 'maybe' }],
};

/** Doors and servers that cannot stand at all. */
const lost: Record<string, [property: string, Properties]> = {
  path: ['path', { type: 'http-server-in', path: 'no-slash', server: 'server' }],
  pathDots: ['path', { type: 'http-server-in', path: '/a/.....', server: 'server' }],
  noServer: ['server', { type: 'http-server-in', server: '' }],
  badServer: ['server', { type: 'http-server-in', server: 'missing' }],
};

describe('A refused setting', () => {
  let flow: LiveFlow;
  let status: StatusView;
  const ports: Record<string, number> = {};

  before(async () => {
    const nodes: Flow = [{ id: 'ok', type: 'http-server-response' }];
    for (const [id, [, properties]] of Object.entries(behind))
      nodes.push(
        { id: `in-${id}`, type: 'http-server-in', server: 'server', path: `/${id}`, wires: [[id]] },
        { id, ...properties },
      );
    for (const [id, [, properties]] of Object.entries(doors))
      nodes.push({ id, type: 'http-server-in', server: 'server', path: `/${id}`, wires: [['ok']], ...properties });
    for (const [id, [, properties]] of Object.entries(lost)) nodes.push({ id, wires: [['ok']], ...properties });
    for (const [id, properties] of Object.entries({
      sPort: { port: '70000' },
      sHost: { host: 'no host' },
      sSize: { bodyLimit: '0' },
      sTime: { headersTimeout: 'soon' },
      sTrust: { trustProxy: 'everyone' },
      sMime: { mimeTypes: [{ extension: 'foo', type: 'x/y' }] },
      sKeep: { mimeKeep: ['.zzzz'] },
      sCors: { cors: { origins: ['/(/'] } },
    })) {
      ports[id] = await freePort();
      nodes.push(
        { id, type: 'http-server-config', host: '127.0.0.1', port: String(ports[id]), ...properties },
        { id: `in-${id}`, type: 'http-server-in', server: id, wires: [['ok']] },
      );
    }
    nodes.push({ id: 'good', type: 'http-server-in', server: 'server', path: '/good', wires: [['ok']] });
    flow = await LiveFlow.start(nodes, { rootPath: '/nowhere' });
    status = await StatusView.open(flow.nodeRed);
    await status.until('good', /:/);
  });
  after(async () => {
    status.close();
    await flow.stop();
  });

  /** Lines of the log that a node wrote as an error. */
  const errorsOf = (type: string, id: string): string[] =>
    flow.nodeRed.log.split('\n').filter((line) => line.includes(`[error] [${type}:${id}]`));

  for (const [id, [property, properties]] of Object.entries(behind))
    it(`${String(properties['type'])}.${property} (${id})`, async () => {
      const [logged, ...more] = errorsOf(String(properties['type']), id);
      assert.match(logged ?? '', new RegExp(`\\] ${property}: .+`));
      assert.deepEqual(more, [], 'one error');
      assert.deepEqual([status.of(id).fill, status.of(id).text], ['red', property]);
      await flow.caught();
      const answer = await flow.get(`/${id}`, { headers: { Accept: 'application/json' } });
      assert.equal(answer.status, 503);
      assert.deepEqual(await answer.json(), { status: 503, error: 'Service Unavailable', code: 'INVALID_SETTING' });
      const [caught, ...others] = await flow.caught();
      assert.deepEqual([caught?.source, caught?.code, others.length], [id, 'INVALID_SETTING', 0]);
      assert.match(caught?.message ?? '', new RegExp(`${property}: `));
    });

  for (const [id, [property]] of Object.entries(doors))
    it(`http-server-in.${property} (${id}): the door is there, and shut`, async () => {
      assert.match(errorsOf('http-server-in', id)[0] ?? '', new RegExp(`\\] ${property}: .+`));
      assert.deepEqual([status.of(id).fill, status.of(id).text], ['red', property]);
      await flow.caught();
      for (const init of [{}, { method: 'POST', body: '{}' }])
        assert.equal((await flow.get(`/${id}`, init)).status, 503);
      const caught = await flow.caught();
      assert.deepEqual(
        caught.map(({ source, code }) => [source, code]),
        [1, 2].map(() => [id, 'INVALID_SETTING']),
      );
    });

  for (const [id, [property]] of Object.entries(lost))
    it(`http-server-in.${property} (${id}): no door, and it says so`, () => {
      assert.match(errorsOf('http-server-in', id)[0] ?? '', new RegExp(`\\] ${property}: .+`));
      assert.deepEqual([status.of(id).fill, status.of(id).text], ['red', property]);
    });

  for (const [id, property] of [
    ['sPort', 'port'],
    ['sHost', 'host'],
    ['sSize', 'bodyLimit'],
    ['sTime', 'headersTimeout'],
    ['sTrust', 'trustProxy'],
    ['sMime', 'mimeTypes'],
    ['sKeep', 'mimeKeep'],
    ['sCors', 'cors'],
  ] as const)
    it(`http-server-config.${property}: no server, and its nodes say so`, async () => {
      const [logged, ...more] = errorsOf('http-server-config', id);
      assert.match(logged ?? '', new RegExp(`\\] ${property}: .+`));
      assert.deepEqual(more, []);
      assert.equal(status.of(`in-${id}`).fill, 'red');
      assert.match(errorsOf('http-server-in', `in-${id}`)[0] ?? '', new RegExp(`server: .*${property}: `));
      assert.ok(await refuses(ports[id] ?? 0));
    });

  it('leaves every other node at work', async () => {
    assert.equal((await flow.get('/good')).status, 200);
    assert.equal(status.of('good').fill, 'green');
  });
});
