/** Which `http-server-in` and which rule of a `route` gets a request, and what it is told on the way. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, freePort } from '../support/node-red.js';
import { StatusView } from '../support/node-status.js';
import { ask, get, requestText } from '../support/raw-client.js';

const root = mkdtempSync(join(tmpdir(), 'contract-entries-'));
writeFileSync(join(root, 'file.txt'), 'a file');
writeFileSync(join(root, 'get-only'), 'a file with the name of a path');

/** Doors, least specific first: the order of the flow must not matter. */
const doors: [id: string, path: string, methods: string[]][] = [
  ['rest', '/shop/*', []],
  ['many', '/shop/....', []],
  ['manyEnd', '/shop/..../end', []],
  ['unnamed', '/shop/...', []],
  ['named', '/shop/<item>', []],
  ['named-get', '/shop/:other', ['GET']],
  ['literal', '/shop/cart', []],
  ['deep', '/shop/<item>/size', []],
  ['deeper', '/shop/cart/size', ['POST']],
  ['get', '/get-only', ['GET']],
  ['post', '/post-only', ['POST']],
  ['two', '/two', ['put', 'PATCH', 'PUT']],
  ['odd', '/odd', ['PROPFIND']],
  ['slash', '/with/', []],
  ['colon', '/a:b/c', []],
  ['space', '/a b/c', []],
];

function flowOf(port2: number): Flow {
  return [
    ...doors.map(([id, path, methods]) => ({
      id,
      type: 'http-server-in',
      server: 'server',
      path,
      methods,
      wires: [['who']],
    })),
    {
      id: 'who',
      type: 'function',
      func: 'msg.payload = { door: msg.req.route.path, params: msg.req.params, methods: Object.keys(msg.req.route.methods) }; return msg;',
      wires: [['out']],
    },
    { id: 'out', type: 'http-server-response' },
    { id: 'other', type: 'http-server-config', host: '127.0.0.1', port: String(port2), rootPath: root },
    { id: 'every', type: 'http-server-in', server: 'other', wires: [['first']] },
    {
      id: 'first',
      type: 'route',
      rules: [
        { path: '/user/<id>/...' },
        { path: '/user/<id>/*' },
        { methods: ['POST'], path: '/device/<id>' },
        { path: '/device/<id>' },
        { methods: [], path: '/any' },
        { path: '/slash', appendSlash: true },
        { path: '/star/*' },
        { path: '/x/..../y/..../z' },
        { methods: ['WEBSOCKET'], path: '/socket' },
      ],
      otherwise: 'output',
      outputs: 10,
      wires: [['second'], ['second'], ['r2'], ['r3'], ['r4'], ['r5'], ['r6'], ['r7'], ['r8'], ['files']],
    },
    {
      id: 'second',
      type: 'route',
      rules: [{ path: '/user/<name>/a' }, { path: '/user/...' + '/b/*' }],
      otherwise: '404',
      outputs: 2,
      wires: [['s0'], ['s1']],
    },
    {
      id: 'files',
      type: 'route',
      rules: [
        { methods: ['POST', 'DELETE'], path: '/file.txt' },
        { methods: ['PUT'], path: '/known' },
        { path: '/never' },
      ],
      otherwise: 'files',
      outputs: 3,
      wires: [['f0'], ['f1'], ['f2']],
    },
    ...['r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 's0', 's1', 'f0', 'f1', 'f2'].map((id) => ({
      id,
      type: 'function',
      func: `msg.payload = { door: '${id}', params: msg.req.params, route: msg.req.route }; return msg;`,
      wires: [['out']],
    })),
  ];
}

describe('Which door and rule', () => {
  let flow: LiveFlow;
  let second = 0;
  before(async () => {
    second = await freePort();
    flow = await LiveFlow.start(flowOf(second), { rootPath: root });
  });
  after(async () => {
    await flow.stop();
    rmSync(root, { recursive: true });
  });

  const door = async (path: string, method = 'GET'): Promise<unknown> => {
    const answer = await ask(flow.port, requestText(method, path));
    return answer.status === 200 ? (JSON.parse(answer.text) as { door: unknown }).door : answer.status;
  };
  const rule = async (path: string, method = 'GET'): Promise<unknown> => {
    const answer = await ask(second, requestText(method, path), { head: method === 'HEAD' });
    if (answer.status !== 200 || !answer.text.startsWith('{')) return `${answer.status} ${answer.text}`;
    const { door: name, params } = JSON.parse(answer.text) as { door: string; params: unknown };
    return [name, params];
  };

  it('the most specific path wins, segment by segment, whatever the order of the flow', async () => {
    for (const [path, expected] of [
      ['/shop/cart', '/shop/cart'],
      ['/shop/shoe', '/shop/:other'],
      ['/shop/shoe/size', '/shop/<item>/size'],
      ['/shop/a/b/end', '/shop/..../end'],
      ['/shop/a/b/c', '/shop/....'],
      ['/shop/', '/shop/*'],
      ['/shop', 404],
    ])
      assert.equal(await door(String(path)), expected, String(path));
  });

  it('on the winning path a named method wins over any; another method is 405, never another path', async () => {
    assert.equal(await door('/shop/shoe', 'POST'), '/shop/<item>');
    assert.equal(await door('/shop/cart/size', 'POST'), '/shop/cart/size');
    const refused = await ask(flow.port, get('/shop/cart/size'));
    assert.deepEqual([refused.status, refused.get('allow')], [405, 'OPTIONS, POST']);
  });

  it('methods are saved in any case, and an unusual one may be named', async () => {
    assert.equal(await door('/two', 'PUT'), '/two');
    assert.equal(await door('/two', 'PATCH'), '/two');
    assert.equal(await door('/two', 'POST'), 405);
    assert.equal(await door('/odd', 'PROPFIND'), '/odd');
  });

  it('GET serves HEAD; OPTIONS gets Allow; 405 names what is allowed', async () => {
    const head = await ask(flow.port, requestText('HEAD', '/get-only'), { head: true });
    assert.equal(head.status, 200);
    assert.ok(Number(head.get('content-length')) > 0);
    const options = await ask(flow.port, requestText('OPTIONS', '/get-only'));
    assert.deepEqual(
      [options.status, options.get('allow'), options.get('content-length')],
      [204, 'GET, HEAD, OPTIONS', undefined],
    );
    const refused = await ask(flow.port, requestText('DELETE', '/get-only'));
    assert.deepEqual(
      [refused.status, refused.get('allow'), refused.text],
      [405, 'GET, HEAD, OPTIONS', 'Method Not Allowed'],
    );
  });

  it('GET of a path that knows only other methods first looks in the root folder', async () => {
    writeFileSync(join(root, 'post-only'), 'found');
    assert.equal((await ask(flow.port, get('/post-only'))).text, 'found');
    rmSync(join(root, 'post-only'));
    assert.equal(await door('/two'), 405);
    assert.equal((await ask(flow.port, get('/file.txt'))).text, 'a file');
  });

  it('literal text is literal, case and all', async () => {
    assert.equal(await door('/with/'), '/with/');
    assert.equal(await door('/with'), 404);
    assert.equal(await door('/Shop/cart'), 404);
    assert.equal(await door('/a:b/c'), '/a:b/c');
    assert.equal(await door('/a%20b/c'), '/a b/c');
    assert.equal(await door('/a%3Ab/c'), '/a:b/c');
  });

  it('T49 the path is split before it is decoded, once; nothing is normalised', async () => {
    const params = async (path: string): Promise<unknown> =>
      (JSON.parse((await ask(flow.port, get(path))).text) as { params: unknown }).params;
    assert.deepEqual(await params('/shop/a%2Fb'), { other: 'a/b' });
    assert.deepEqual(await params('/shop/a%252Fb'), { other: 'a%2Fb' });
    assert.deepEqual(await params('/shop/..'), { other: '..' });
    assert.deepEqual(await params('/shop/a;v=1'), { other: 'a;v=1' });
    assert.deepEqual(await params('/shop/a+b'), { other: 'a+b' });
    assert.deepEqual(await params('/shop/%C3%BC'), { other: 'ü' });
    assert.deepEqual(await params('/shop//x'), { 0: '/x' });
    for (const path of ['/shop/%', '/shop/%zz', '/shop/%C3', '/shop/%c0%af']) assert.equal(await door(path), 400, path);
  });

  it('a rule is the first that matches method and path', async () => {
    assert.deepEqual(await rule('/device/7', 'POST'), ['r2', { id: '7' }]);
    assert.deepEqual(await rule('/device/7'), ['r3', { id: '7' }]);
    assert.equal(await rule('/device/7', 'HEAD'), '200 ');
    assert.deepEqual(await rule('/any', 'PURGE'), ['r4', {}]);
    assert.deepEqual(await rule('/any', 'DELETE'), ['r4', {}]);
  });

  it('appendSlash takes the path with and without its slash', async () => {
    for (const path of ['/slash', '/slash/']) assert.deepEqual(await rule(path), ['r5', {}]);
    assert.equal(await rule('/slash//'), '404 File not found');
  });

  it('wildcards: one segment, one or more characters, anything', async () => {
    assert.deepEqual(await rule('/star/'), ['r6', { 0: '' }]);
    assert.deepEqual(await rule('/star/a/b%20c/'), ['r6', { 0: 'a/b c/' }]);
    assert.equal(await rule('/star'), '404 File not found');
    assert.deepEqual(await rule('/x/1/2/y/3/z'), ['r7', { 0: '1/2', 1: '3' }]);
    assert.deepEqual(await rule('/x/1/y/2/y/3/z'), ['r7', { 0: '1', 1: '2/y/3' }]);
    assert.equal(await rule('/x/y/z'), '404 File not found');
  });

  it('parameters of a later match are merged over the earlier ones, wildcards replaced', async () => {
    assert.deepEqual(await rule('/user/7/a'), ['s0', { id: '7', name: '7' }]);
    assert.deepEqual(await rule('/user/7/b/c/d'), ['s1', { id: '7', 0: '7', 1: 'c/d' }]);
  });

  it('msg.req.route tells the rule that matched last, in the shape of Express', async () => {
    const { route } = JSON.parse((await ask(second, get('/user/7/a'))).text) as { route: unknown };
    assert.deepEqual(route, { path: '/user/<name>/a', methods: { get: true } });
  });

  it('otherwise "404": 405 with Allow for a known path, OPTIONS 204, else 404, and no files', async () => {
    assert.equal(await rule('/user/7/x'), '404 Not Found');
  });

  it('otherwise "files": GET and HEAD look in the root folder first, then 405 with Allow, OPTIONS 204, else 404', async () => {
    assert.equal(await rule('/file.txt'), '200 a file');
    assert.deepEqual(await rule('/file.txt', 'DELETE'), ['f0', {}]);
    const refused = await ask(second, get('/known'));
    assert.deepEqual([refused.status, refused.get('allow')], [405, 'OPTIONS, PUT']);
    const options = await ask(second, requestText('OPTIONS', '/known'));
    assert.deepEqual([options.status, options.get('allow')], [204, 'OPTIONS, PUT']);
    assert.equal(await rule('/missing', 'POST'), '404 Not Found');
    assert.equal(await rule('/..%2ffile.txt'), '403 Invalid path');
  });

  it('"WEBSOCKET" matches upgrades only', async () => {
    assert.equal(await rule('/socket'), '404 File not found');
    const upgrade = await ask(
      second,
      requestText('GET', '/socket', [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]),
    );
    assert.equal((JSON.parse(upgrade.text) as { door: string }).door, 'r8');
  });
});

describe('Two doors at the same path', () => {
  let flow: LiveFlow;
  let status: StatusView;
  const doorsOf = (extra: Flow): Flow => [
    { id: 'one', type: 'http-server-in', server: 'server', path: '/same/<x>', methods: ['GET'], wires: [['a']] },
    { id: 'two', type: 'http-server-in', server: 'server', path: '/same/:y', methods: ['GET'], wires: [['b']] },
    { id: 'any', type: 'http-server-in', server: 'server', path: '/same/<z>', wires: [['c']] },
    ...['a', 'b', 'c'].map((id) => ({
      id,
      type: 'change',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: id, tot: 'str' }],
      wires: [['out']],
    })),
    { id: 'out', type: 'http-server-response' },
    ...extra,
  ];
  before(async () => {
    flow = await LiveFlow.start(doorsOf([]));
    status = await StatusView.open(flow.nodeRed);
    await status.until('one', /:/);
  });
  after(async () => {
    status.close();
    await flow.stop();
  });

  it('T78 the later one in the flow file is red, says so once, and waits', async () => {
    await status.until('two', /path taken/);
    assert.equal(status.of('two').fill, 'red');
    assert.equal(flow.nodeRed.log.match(/\[error\] \[http-server-in:two\] path: another/g)?.length, 1);
    assert.equal(await (await flow.get('/same/1')).text(), 'a');
    assert.equal(await (await flow.get('/same/1', { method: 'POST' })).text(), 'c');
  });

  it('T78 it takes over by itself when the first is gone', async () => {
    const all = LiveFlow.flows(doorsOf([]), flow.port);
    await flow.nodeRed.deploy(
      all.filter(({ id }) => id !== 'one'),
      'nodes',
    );
    await status.until('two', /^http:/);
    assert.equal(await (await flow.get('/same/1')).text(), 'b');
  });
});
