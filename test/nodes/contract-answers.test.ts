/** `http-server-response`: modes, payloads, status, headers, cookies, redirects; what it refuses, and who hears of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { RawClient, type RawResponse, ask, get, requestText } from '../support/raw-client.js';

/** Response nodes by name, with what differs from the defaults. */
const answers: Record<string, Record<string, unknown>> = {
  auto: {},
  json: { mode: 'json' },
  text: { mode: 'text' },
  chunked: { mode: 'chunked' },
  redirect: { mode: 'redirect', redirectUrl: '' },
  moved: { mode: 'redirect', redirectUrl: '/there', permanent: true },
  kept: { mode: 'redirect', redirectUrl: '/there', preserveMethod: true },
  both: { mode: 'redirect', redirectUrl: '/there', permanent: true, preserveMethod: 'true' },
  other: { mode: 'redirect', redirectUrl: '/there', statusCode: '303' },
  typed: { mode: 'redirect', redirectUrl: 'target', redirectUrlType: 'msg' },
  jsonata: { mode: 'redirect', redirectUrl: "'/user/' & req.query.id", redirectUrlType: 'jsonata' },
  wrong: { mode: 'redirect', redirectUrl: '$error("nowhere to go")', redirectUrlType: 'jsonata' },
  env: { contentType: 'TEST_TYPE', contentTypeType: 'env' },
  flow: { contentType: 'type', contentTypeType: 'flow' },
  own: {
    statusCode: '202',
    headers: [
      { name: 'X-Node', value: 'node' },
      { name: 'x-list', value: '1' },
      { name: 'X-List', value: '2' },
    ],
    cookies: '{"node":"1","both":{"value":"node","httpOnly":true}}',
    contentType: 'text/x-node',
  },
};

const names = Object.keys(answers);

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['make']] },
  {
    id: 'make',
    type: 'function',
    // The query names the node that answers and holds the code that makes the message, or several.
    func: `const { node: name, code } = msg.req.query;
      const Code = Object.getPrototypeOf(async function () {}).constructor;
      const made = await new Code('msg', 'flow', 'Buffer', code)(msg, flow, Buffer);
      for (const one of [].concat(made ?? msg)) {
        const outputs = Array(${names.length}).fill(null);
        outputs[${JSON.stringify(names)}.indexOf(name)] = { ...one, req: msg.req, res: msg.res };
        node.send(outputs, false);
      }`,
    outputs: names.length,
    wires: names.map((id) => [id]),
  },
  ...Object.entries(answers).map(([id, properties]) => ({ id, type: 'http-server-response', ...properties })),
];

describe('http-server-response', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(nodes, { responseTimeout: 5 }, { env: { TEST_TYPE: 'text/x-env' } });
  });
  after(() => flow.stop());

  const path = (node: string, code: string): string => `/x?id=7&node=${node}&code=${encodeURIComponent(code)}`;
  const answer = (node: string, code: string, ...headers: string[]): Promise<RawResponse> =>
    ask(flow.port, get(path(node, code), ...headers));
  /** The answer of an answer that is refused, and the one error that was caught. */
  const refusal = async (
    node: string,
    code: string,
  ): Promise<[status: number, message: string, code: string | undefined]> => {
    await flow.caught();
    const { status, text } = await answer(node, code);
    assert.doesNotMatch(text, /at |\/|Error:/);
    const errors = await flow.caught();
    assert.equal(errors.length, 1);
    assert.equal(errors[0]?.source, node);
    return [status, errors[0]?.message ?? '', errors[0]?.code];
  };

  for (const [code, type, body] of [
    ["msg.payload = 'text'", 'text/html; charset=utf-8', 'text'],
    ["msg.payload = ''", 'text/html; charset=utf-8', ''],
    ['msg.payload = 42', 'text/html; charset=utf-8', '42'],
    ['msg.payload = true', 'text/html; charset=utf-8', 'true'],
    ['msg.payload = false', 'text/html; charset=utf-8', 'false'],
    ['msg.payload = 0', 'text/html; charset=utf-8', '0'],
    ['msg.payload = 10n', 'text/html; charset=utf-8', '10'],
    ['msg.payload = { a: 1 }', 'application/json; charset=utf-8', '{"a":1}'],
    ['msg.payload = [1, 2]', 'application/json; charset=utf-8', '[1,2]'],
    ['msg.payload = null', 'application/json; charset=utf-8', 'null'],
    ['msg.payload = new Date(0)', 'application/json; charset=utf-8', '"1970-01-01T00:00:00.000Z"'],
    ['delete msg.payload', undefined, ''],
    ["msg.payload = Buffer.from('bytes')", 'application/octet-stream', 'bytes'],
    ['msg.payload = new Uint8Array([65, 66])', 'application/octet-stream', 'AB'],
    ['msg.payload = new Map([[1, 2]])', 'application/json; charset=utf-8', '{}'],
  ] as const)
    it(`auto: ${code}`, async () => {
      const given = await answer('auto', code);
      assert.deepEqual([given.status, given.get('content-type'), given.text], [200, type, body]);
      assert.equal(Number(given.get('content-length')), given.body.length);
      assert.equal(given.get('x-content-type-options'), type?.startsWith('application/json') ? 'nosniff' : undefined);
    });

  it('auto: streams, web streams and iterables go out in chunks', async () => {
    for (const code of [
      "msg.payload = (function* () { yield 'a'; yield Buffer.from('b'); yield ''; yield 3; })()",
      "msg.payload = (async function* () { yield 'a'; yield 'b'; yield '3'; })()",
      "msg.payload = new (Buffer.constructor('return ReadableStream')())({ start(c) { c.enqueue('a'); c.enqueue(new Uint8Array([98])); c.enqueue('3'); c.close(); } })",
    ]) {
      const given = await answer('auto', code);
      assert.deepEqual(
        [given.text, given.get('content-type'), given.chunks?.length],
        ['ab3', 'application/octet-stream', 3],
        code,
      );
    }
    const set = await answer('auto', "msg.payload = new Set(['x'])");
    assert.deepEqual([set.text, set.get('content-type')], ['{}', 'application/json; charset=utf-8']);
    const known = await answer(
      'auto',
      "msg.headers = { 'Content-Length': 2, 'Content-Type': 'text/plain' }; msg.payload = (function* () { yield 'a'; yield 'b'; })()",
    );
    assert.deepEqual([known.text, known.get('content-length'), known.chunks], ['ab', '2', undefined]);
  });

  it('auto: a stream that fails before its first byte is a 500, after it the connection is cut', async () => {
    const [status, message] = await refusal('auto', "msg.payload = (function* () { throw new Error('dry'); })()");
    assert.deepEqual([status, message], [500, 'HttpError: The stream of the payload failed: dry']);
    const client = await RawClient.open(flow.port);
    client.send(get(path('auto', "msg.payload = (async function* () { yield 'some'; throw new Error('torn'); })()")));
    await assert.rejects(client.response(), /The connection ended before/);
    assert.match((await flow.caught())[0]?.message ?? '', /torn/);
  });

  it('json: everything as JSON, strings too; undefined is empty', async () => {
    for (const [code, body] of [
      ["'a\"b'", '"a\\"b"'],
      ['1', '1'],
      ['false', 'false'],
      ['null', 'null'],
      ['{ a: [1] }', '{"a":[1]}'],
    ]) {
      const given = await answer('json', `msg.payload = ${code ?? ''}`);
      assert.deepEqual([given.text, given.get('content-type')], [body, 'application/json; charset=utf-8']);
    }
    assert.equal((await answer('json', 'msg.payload = undefined')).text, '');
  });

  it('text: text/plain, objects as JSON text', async () => {
    for (const [code, body] of [
      ["'<b>'", '<b>'],
      ['{ a: 1 }', '{"a":1}'],
      ['null', 'null'],
      ['7', '7'],
      ["Buffer.from('x')", 'x'],
    ]) {
      const given = await answer('text', `msg.payload = ${code ?? ''}`);
      assert.deepEqual([given.text, given.get('content-type')], [body, 'text/plain; charset=utf-8']);
    }
  });

  it('T47 what has no text is a 500 at once, and the flow hears why', async () => {
    for (const [code, expected] of [
      [
        'msg.payload = {}; msg.payload.self = msg.payload',
        /The payload cannot be written as JSON: Converting circular/,
      ],
      ['msg.payload = () => 1', /A function cannot be written as JSON/],
      ['msg.payload = { big: 1n }', /The payload cannot be written as JSON: Do not know how to serialize a BigInt/],
      ['msg.payload = { toJSON() { throw new Error("no"); } }', /The payload cannot be written as JSON: no/],
    ] as const) {
      const [status, message, name] = await refusal('auto', code);
      assert.deepEqual([status, name], [500, 'INVALID_PAYLOAD'], code);
      assert.match(message, expected);
    }
  });

  it('status, reason and headers of the message; arrays repeat, numbers are text, what is null is left out', async () => {
    const given = await answer(
      'auto',
      "msg.payload = 'x'; msg.statusCode = '418'; msg.statusText = 'Teapot'; msg.headers = { 'X-List': ['a', 'b'], 'x-number': 5, 'X-None': null, 'X-Undefined': undefined, 'content-type': 'text/css' }",
    );
    assert.deepEqual(
      [given.status, given.reason, given.all('x-list'), given.get('x-number')],
      [418, 'Teapot', ['a', 'b'], '5'],
    );
    assert.deepEqual(
      [given.get('x-none'), given.get('x-undefined'), given.get('content-type')],
      [undefined, undefined, 'text/css; charset=utf-8'],
    );
    assert.equal((await answer('auto', "msg.statusCode = ''")).status, 200);
    assert.equal(
      (await answer('auto', "msg.contentType = 'text/csv'; msg.payload = '1'")).get('content-type'),
      'text/csv; charset=utf-8',
    );
    assert.equal(
      (await answer('auto', "msg.contentType = 'image/png'; msg.payload = '1'")).get('content-type'),
      'image/png',
    );
  });

  it('statuses without a body have none, and no length', async () => {
    for (const status of [204, 304]) {
      const given = await answer('auto', `msg.payload = 'x'; msg.statusCode = ${status}`);
      assert.deepEqual(
        [given.status, given.text, given.get('content-length'), given.chunks],
        [status, '', undefined, undefined],
      );
    }
    assert.equal((await answer('auto', "msg.payload = ''; msg.statusCode = 205")).status, 205);
  });

  it('Content-Length is ours, but for HEAD; framing headers are left out with a warning', async () => {
    const given = await answer(
      'auto',
      "msg.payload = 'four'; msg.headers = { 'Content-Length': '99', 'Transfer-Encoding': 'chunked', Upgrade: 'x', 'Keep-Alive': 'timeout=99', Connection: 'keep-alive' }",
    );
    assert.deepEqual(
      [given.text, given.get('content-length'), given.chunks, given.get('upgrade')],
      ['four', '4', undefined, undefined],
    );
    await flow.nodeRed.waitForLog(
      /\[warn\] \[http-server-response:auto\] The server sets Transfer-Encoding, Upgrade, Keep-Alive, Connection itself/,
    );
    const head = await ask(
      flow.port,
      requestText('HEAD', path('auto', "msg.payload = ''; msg.headers = { 'Content-Length': '99' }")),
      { head: true },
    );
    assert.equal(head.get('content-length'), '99');
  });

  it('Connection: close of the flow is honoured', async () => {
    const client = await RawClient.open(flow.port);
    client.send(get(path('auto', "msg.payload = 'x'; msg.headers = { connection: 'Close' }")));
    assert.equal((await client.response()).get('connection'), 'close');
    assert.equal(await client.closed(), '');
  });

  it('cookies of the message, in every shape', async () => {
    const given = await answer(
      'auto',
      `msg.payload = 'x'; msg.headers = { 'Set-Cookie': 'own=1' }; msg.cookies = {
        plain: 'a b;"', number: 5, gone: null,
        full: { value: 'v', path: '/p', domain: 'a.test', maxAge: 1500, httpOnly: true, secure: true, sameSite: 'none', partitioned: true, priority: 'high' },
        session: { value: 's', expires: new Date(0) }, off: { value: null, path: '/p' } }`,
    );
    assert.deepEqual(
      given.all('set-cookie').map((line) => line.replace(/Expires=[^;]+/, 'Expires=…')),
      [
        'own=1',
        'plain=a%20b%3B%22; Path=/',
        'number=5; Path=/',
        'gone=; Path=/; Expires=…',
        'full=v; Path=/p; Domain=a.test; Max-Age=1; Expires=…; HttpOnly; Secure; Partitioned; Priority=High; SameSite=None',
        'session=s; Path=/; Expires=…',
        'off=; Path=/p; Expires=…',
      ],
    );
  });

  it('T41 a cookie that cannot be is refused', async () => {
    for (const code of [
      "{ 'a b': 'x' }",
      "{ a: { value: 'x', path: '/;x' } }",
      "{ a: { value: 'x', sameSite: 'sometimes' } }",
      "{ a: 'x'.repeat(5000) }",
      "{ '__Host-a': 'x' }",
      "{ '__Secure-a': { value: 'x' } }",
    ]) {
      const [status, message, name] = await refusal('auto', `msg.payload = 'x'; msg.cookies = ${code}`);
      assert.deepEqual([status, name], [500, 'INVALID_COOKIE'], `${code} ${message}`);
    }
  });

  it('T38 T39 a header or status that cannot be is a 500 before anything is sent', async () => {
    for (const [code, name] of [
      ["msg.headers = { 'X-A': 'a\\r\\nb' }", 'INVALID_HEADER'],
      ["msg.headers = { 'X-A': 'a\\0' }", 'INVALID_HEADER'],
      ["msg.headers = { 'X-A': '\\u2713' }", 'INVALID_HEADER'],
      ["msg.headers = { 'X A': 'a' }", 'INVALID_HEADER'],
      ["msg.headers = { '': 'a' }", 'INVALID_HEADER'],
      ["msg.headers = { 'X-A': {} }", 'INVALID_HEADER'],
      ["msg.headers = { 'X-A': ['a', 'b\\n'] }", 'INVALID_HEADER'],
      ["msg.headers = 'X-A: b'", 'INVALID_HEADER'],
      ["msg.contentType = 'text/plain\\n'", 'INVALID_HEADER'],
      ['msg.contentType = {}', 'INVALID_HEADER'],
      ['msg.statusCode = 99', 'INVALID_STATUS'],
      ['msg.statusCode = 100', 'INVALID_STATUS'],
      ['msg.statusCode = 600', 'INVALID_STATUS'],
      ['msg.statusCode = 1000', 'INVALID_STATUS'],
      ["msg.statusCode = 'abc'", 'INVALID_STATUS'],
      ['msg.statusCode = NaN', 'INVALID_STATUS'],
      ['msg.statusCode = 200.5', 'INVALID_STATUS'],
      ["msg.statusText = 'a\\r\\nb'", 'INVALID_STATUS'],
    ] as const) {
      const [status, , caught] = await refusal('auto', `msg.payload = 'x'; ${code}`);
      assert.deepEqual([status, caught], [500, name], code);
    }
  });

  it('the node wins over the message: status, headers of any case, cookies, type', async () => {
    const given = await answer(
      'own',
      "msg.payload = 'x'; msg.statusCode = 500; msg.headers = { 'X-NODE': 'message', 'X-LIST': 'm', 'X-Other': 'o' }; msg.cookies = { both: 'message', mine: 'm' }; msg.contentType = 'text/x-message'",
    );
    assert.deepEqual(
      [given.status, given.get('x-node'), given.get('x-other'), given.get('content-type')],
      [202, 'node', 'o', 'text/x-node; charset=utf-8'],
    );
    assert.deepEqual(given.all('x-list'), ['1', '2']);
    assert.deepEqual(given.all('set-cookie').sort(), [
      'both=node; Path=/; HttpOnly',
      'mine=m; Path=/',
      'node=1; Path=/',
    ]);
  });

  it('typed properties: msg, flow, env, JSONata', async () => {
    assert.equal((await answer('typed', "msg.target = '/m'")).get('location'), '/m');
    assert.equal((await answer('jsonata', '')).get('location'), '/user/7');
    assert.equal((await answer('env', "msg.payload = 'x'")).get('content-type'), 'text/x-env; charset=utf-8');
    assert.equal(
      (await answer('flow', "flow.set('type', 'text/x-flow'); msg.payload = 'x'")).get('content-type'),
      'text/x-flow; charset=utf-8',
    );
    assert.equal(
      (await answer('flow', "flow.set('type', undefined); msg.payload = 'x'")).get('content-type'),
      'text/html; charset=utf-8',
    );
  });

  it('a typed property that fails is a 500, and the flow hears why', async () => {
    const [status, message] = await refusal('wrong', '');
    assert.equal(status, 500);
    assert.match(message, /nowhere to go/);
  });

  for (const [node, status] of [
    ['redirect', 302],
    ['moved', 301],
    ['kept', 307],
    ['both', 308],
    ['other', 303],
  ] as const)
    it(`RD2 redirect ${node} is ${status}`, async () => {
      const given = await answer(node, "msg.payload = 'not sent'; msg.redirectUrl = '/there'; msg.statusCode = 200");
      assert.deepEqual(
        [given.status, given.get('location'), given.text, given.get('content-length')],
        [status, '/there', '', '0'],
      );
    });

  it('redirect: the message may name the status, from 300 to 399; the address goes out as given', async () => {
    assert.equal((await answer('redirect', "msg.redirectUrl = '/x'; msg.statusCode = 308")).status, 308);
    assert.equal((await answer('redirect', "msg.redirectUrl = '/x'; msg.statusCode = 404")).status, 302);
    for (const [url, location] of [
      ['https://other.test/a?b=c#d', 'https://other.test/a?b=c#d'],
      ['//other.test', '//other.test'],
      ['/ü/ö', '/%C3%BC/%C3%B6'],
      ['/a b', '/a%20b'],
      ['../up', '../up'],
      ['/already%20', '/already%20'],
    ])
      assert.equal((await answer('redirect', `msg.redirectUrl = ${JSON.stringify(url)}`)).get('location'), location);
  });

  it('T42 redirect: no address, or one with control characters, is refused', async () => {
    for (const url of ["''", 'undefined', '5', "'/a\\r\\nX: y'", "'/a\\tb'", "'/a\\0'"]) {
      const [status, , name] = await refusal('redirect', `msg.redirectUrl = ${url}`);
      assert.deepEqual([status, name], [500, 'INVALID_REDIRECT'], url);
    }
  });

  it('CR2 chunked: each message is a chunk, empty ones are none, only msg.complete === true ends', async () => {
    const given = await answer(
      'chunked',
      "return [{ payload: 'a', statusCode: 201, headers: { 'X-First': '1' } }, { payload: '' }, { payload: { b: 1 }, statusCode: 500 }, { payload: 'c', complete: 'yes' }, { payload: 'd', complete: true }]",
    );
    assert.deepEqual(
      [given.status, given.text, given.chunks, given.get('x-first'), given.get('content-type')],
      [201, 'a{"b":1}cd', [1, 7, 1, 1], '1', 'text/plain; charset=utf-8'],
    );
    assert.equal((await answer('chunked', 'return [{ complete: true }]')).text, '');
  });

  it('T45 chunked: after the end, and beside another answer, it is ALREADY_ANSWERED', async () => {
    await flow.caught();
    await answer('chunked', "return [{ payload: 'a', complete: true }, { payload: 'b' }]");
    assert.deepEqual(
      (await flow.caught()).map(({ code }) => code),
      ['ALREADY_ANSWERED'],
    );
  });

  it('T45 a client that has left is answered in silence', async () => {
    await flow.caught();
    const client = await RawClient.open(flow.port);
    client.send(
      get(
        path(
          'auto',
          "await new Promise((r) => msg.res._res.on('close', r)); msg.payload = 'late'; flow.set('late', (flow.get('late') || 0) + 1)",
        ),
      ),
    );
    await new Promise((done) => setTimeout(done, 100));
    client.destroy();
    let late = '';
    for (let left = 100; left > 0 && late !== '1'; left -= 1)
      late = (await answer('auto', "msg.payload = flow.get('late') || 0")).text;
    assert.equal(late, '1');
    assert.deepEqual(await flow.caught(), []);
  });
});
