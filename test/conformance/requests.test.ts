import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RawClient, ask, get } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

const host = 'Host: test\r\n';
/** A GET with this request line and these lines behind its Host. */
const line = (first: string, lines = ''): string => `${first}\r\n${host}${lines}\r\n`;
const header = (lines: string): string => line('GET / HTTP/1.1', `${lines}\r\n`);
const body = (lines: string, text = 'hello'): string => `POST / HTTP/1.1\r\n${host}${lines}\r\n\r\n${text}`;
const chunked = (text: string): string => body('Transfer-Encoding: chunked', text);
const coded = (coding: string): string => body(`Transfer-Encoding: ${coding}`, '0\r\n\r\n');

let server: TestServer;
let seen: string[] = [];

before(async () => {
  server = await startServer(
    ({ request, response }) => {
      seen.push(request.url ?? '');
      response.send(Buffer.isBuffer(request.body) ? request.body : 'OK');
    },
    { headers: [['X-Default', 'yes']] },
  );
});
after(() => server.stop());

type Refusals = readonly (readonly [row: string, what: string, bytes: string, ...statuses: number[]])[];

/** Requests that must be answered with a status of theirs (400 when none is named), closed, and seen by no flow. */
const refused: Record<string, Refusals> = {
  'A request line': [
    ['T03', 'that ends in a bare LF', `GET / HTTP/1.1\n${host}\r\n`],
    ['T03', 'that ends in a bare CR', `GET / HTTP/1.1\r${host}\r\n`],
    ['T03', 'with a tab between its parts', line('GET\t/ HTTP/1.1')],
    ['T03', 'of nothing but spaces', '   \r\n\r\n'],
    ['T03', 'without a target', line('GET HTTP/1.1')],
    ['T05', 'with a space in its target', line('GET /a b HTTP/1.1')],
    ['T05', 'with a fragment in its target', line('GET /a#b HTTP/1.1')],
    ['T05', 'with a NUL in its target', line('GET /a\0b HTTP/1.1')],
    ['T05', 'with a control character in its target', line('GET /a\x01b HTTP/1.1')],
    ['T05', 'with a DEL in its target', line('GET /a\x7fb HTTP/1.1')],
    ['T05', 'with raw UTF-8 in its target', line('GET /caf\xc3\xa9 HTTP/1.1')],
    ['T05', 'with a raw overlong slash in its target', line('GET /\xc0\xaf HTTP/1.1')],
    ['T05', 'GET *', line('GET * HTTP/1.1')],
    ['T05', 'with an authority as target', line('GET test:80 HTTP/1.1')],
    ['T05', 'with a relative target', line('GET a/b HTTP/1.1')],
    ['T05', 'with an absolute target that carries a user', line('GET http://user@test/ HTTP/1.1')],
    ['T05', 'with an absolute target of another scheme', line('GET ftp://test/ HTTP/1.1')],
    ['T05', 'with an absolute target without host', line('GET http:/// HTTP/1.1')],
    ['T04', 'with version 2.0', line('GET / HTTP/2.0'), 505],
    ['T04', 'with version 9.9', line('GET / HTTP/9.9'), 505],
    ['T04', 'with version 1.2', line('GET / HTTP/1.2'), 505],
    ['T04', 'with version 0.9', line('GET / HTTP/0.9'), 505],
    ['T04', 'with a version without minor', line('GET / HTTP/1')],
    ['T04', 'with leading zeros in its version', line('GET / HTTP/01.01')],
    ['T04', 'with a space in its version', line('GET / HTTP/ 1.1')],
    ['T04', 'with letters behind its version', line('GET / HTTP/1.1x')],
    ['T04', 'with a lower-case version', line('GET / http/1.1')],
    ['T04', 'that opens HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505],
    ['T06', 'with a method nobody knows', line('FOOBAR / HTTP/1.1'), 501],
    ['T06', 'with a method in lower case', line('get / HTTP/1.1'), 400, 501],
    ['T03', 'that is a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ],
  'A header': [
    ['T03', 'folded over two lines', header('X-A: one\r\n two')],
    ['T03', 'that ends in a bare LF', `GET / HTTP/1.1\r\nHost: test\nX-A: b\r\n\r\n`],
    ['T03', 'with a space before its colon', header('X-A : b')],
    ['T03', 'with a tab in its name', header('X\tA: b')],
    ['T03', 'without a name', header(': b')],
    ['T03', 'without a colon', header('NoColon')],
    ['T03', 'with a bracket in its name', header('X[A: b')],
    ['T03', 'with raw UTF-8 in its name', header('X\xc3\xa9: b')],
    ['T03', 'behind a line of white space', `GET / HTTP/1.1\r\n \r\n${host}\r\n`],
    ['T03', 'with a bare CR in its value', header('X-A: a\rb')],
    ['T03', 'with a NUL in its value', header('X-A: a\0b')],
    ['T03', 'with a control character in its value', header('X-A: a\x07b')],
    ['T03', 'with a DEL in its value', header('X-A: a\x7fb')],
  ],
  'A Host': [
    ['T01', 'that is missing', 'GET / HTTP/1.1\r\n\r\n'],
    ['T01', 'given twice', header('Host: other')],
    ['T01', 'given twice alike', header('Host: test')],
    ['T01', 'that is empty', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
    ['T01', 'that is a list', 'GET / HTTP/1.1\r\nHost: test, other\r\n\r\n'],
    ['T01', 'with a user', 'GET / HTTP/1.1\r\nHost: user@test\r\n\r\n'],
    ['T01', 'with a path', 'GET / HTTP/1.1\r\nHost: test/path\r\n\r\n'],
    ['T01', 'with a port that is none', 'GET / HTTP/1.1\r\nHost: test:http\r\n\r\n'],
    ['T01', 'with an open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n'],
    ['T01', 'with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['T01', 'given twice in HTTP/1.0', `GET / HTTP/1.0\r\n${host}Host: other\r\n\r\n`],
  ],
  'A Content-Length': [
    ...['abc', '+5', '-1', '-0', '0o5', '0x5', '1 0', '1_0', '', '5, 10', '5, 5', '5,5,5', '5;', '5.0', '\x0b5'].map(
      (value) => ['T02', `of ${JSON.stringify(value)}`, body(`Content-Length: ${value}`)] as const,
    ),
    ['T02', 'beyond 64 bits', body('Content-Length: 99999999999999999999')],
    ['T02', 'given twice', body('Content-Length: 5\r\nContent-Length: 10', 'helloworld')],
    ['T02', 'given twice alike', body('Content-Length: 5\r\nContent-Length: 5')],
    ['T02', 'with a space before its colon', body('Content-Length : 5')],
    ['T02', 'beside Transfer-Encoding', body('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['T02', 'behind Transfer-Encoding', body('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n')],
    ['T02', 'beside an empty Transfer-Encoding', body('Transfer-Encoding: \r\nContent-Length: 5')],
    [
      'T02',
      'beside a folded Transfer-Encoding',
      body('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5', '0\r\n\r\n'),
    ],
  ],
  'A Transfer-Encoding': [
    ...['gzip', 'identity', 'xchunked', 'gzip, chunked', 'identity, chunked', 'chunked-x'].map(
      (value) => ['T02', `of an unknown coding: ${value}`, coded(value), 501] as const,
    ),
    ...['', ', chunked', 'chunked,', 'chunked, chunked', 'chunked, gzip', '"chunked"', 'chunked;a=b', 'chunked\0'].map(
      (value) => ['T02', `of ${JSON.stringify(value)}`, coded(value)] as const,
    ),
    ['T02', 'behind a vertical tab', coded('\x0bchunked')],
    ['T02', 'behind a form feed', coded('\x0cchunked')],
    ['T02', 'given twice', coded('chunked\r\nTransfer-Encoding: identity')],
    ['T02', 'given twice alike', coded('chunked\r\nTransfer-Encoding: chunked')],
    ['T02', 'on a line of its own', body('Transfer-Encoding:\r\n chunked', '0\r\n\r\n')],
    ['T02', 'with a space before its colon', body('Transfer-Encoding : chunked', '0\r\n\r\n')],
    ['T02', 'in HTTP/1.0', `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ],
  'A chunk': [
    ...['5;', '5;bad[=x', '1_0', '0x5', '+5', '-1', '5 ', ' 5', '5 ;a=b', '5;\0x', '5;a\rX', '5;a\x01', '5g', ''].map(
      (size) => ['T02', `announced by ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`)] as const,
    ),
    ['T02', 'of a size beyond 64 bits', chunked('FFFFFFFFFFFFFFFF0\r\nhello\r\n0\r\n\r\n')],
    ['T02', 'without a line end behind it', chunked('5\r\nhello0\r\n\r\n')],
    ['T02', 'that is longer than announced', chunked('5\r\nhello!!\r\n0\r\n\r\n')],
    ['T02', 'with a bare LF behind its size', chunked('5\nhello\r\n0\r\n\r\n')],
    ['T02', 'with a bare LF behind its extension', chunked('5;\nhello\r\n0\r\n\r\n')],
    ['T02', 'with a bare LF behind it', chunked('5\r\nhello\n0\r\n\r\n')],
    ['T02', 'with a bare CR behind its size', chunked('5\rhello\r\n0\r\n\r\n')],
    ['T02', 'that is the last, with a bare LF behind it', chunked('5\r\nhello\r\n0\r\n\n')],
  ],
  'A head': [
    ['T08', 'of 101 headers', header('X: y\r\n'.repeat(100).trimEnd()), 431],
    ['T08', 'of 10,000 headers', header('X: y\r\n'.repeat(10_000).trimEnd()), 431],
    ['T08', 'with a header of 100 KB', header(`X: ${'a'.repeat(100_000)}`), 431],
    ['T08', 'with a header name of 100 KB', header(`${'a'.repeat(100_000)}: x`), 431],
    ['T08', 'with a cookie of 64 KB', header(`Cookie: a=${'a'.repeat(65_536)}`), 431],
    ['T08', 'with an address of 100 KB', line(`GET /${'a'.repeat(100_000)} HTTP/1.1`), 414],
    ['T50', 'with a parameter of 20 KB in its address', line(`GET /item/${'a'.repeat(20_000)} HTTP/1.1`), 414],
    ['T08', 'with a method of 100 KB', line(`${'A'.repeat(100_000)} / HTTP/1.1`), 400, 431],
  ],
};

/** Sends the bytes, whole or cut in two, and a request that must not be served behind them. */
async function refuse(bytes: string, statuses: readonly number[], cut: boolean): Promise<void> {
  seen = [];
  const client = await RawClient.open(server.port);
  const middle = Math.floor(bytes.length / 2);
  if (cut) await client.sendApart([bytes.slice(0, middle), bytes.slice(middle)], 3);
  else client.send(bytes + get('/smuggled'));
  const answer = await client.response();
  assert.ok(statuses.includes(answer.status), `${answer.status} is none of ${statuses.join()}`);
  assert.equal(answer.get('connection'), 'close');
  assert.equal(answer.get('x-default'), 'yes', 'the headers of every response');
  assert.equal(answer.get('x-content-type-options'), 'nosniff');
  assert.match(answer.get('date') ?? '', /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.equal(await client.closed(), '');
  assert.deepEqual(seen, []);
}

for (const [group, cases] of Object.entries(refused))
  describe(group, () => {
    for (const [row, what, bytes, ...statuses] of cases)
      it(`${row} ${what} is refused`, async () => {
        const expected = statuses.length > 0 ? statuses : [400];
        await refuse(bytes, expected, false);
        // Where the request line or head is cut, Node no longer has the bytes that tell more than "malformed".
        if (bytes.length < 1000) await refuse(bytes, [...expected, 400], true);
      });
  });

/** Requests that are served, with what the flow answers. */
const served: readonly (readonly [row: string, what: string, bytes: string, text: string])[] = [
  ['T02', 'a Content-Length with leading zeros', body('Content-Length: 005'), 'hello'],
  ['T02', 'a Content-Length behind a tab and before spaces', body('Content-Length:\t5  '), 'hello'],
  ['T02', 'a POST without body', body('', ''), 'OK'],
  [
    'T02',
    'a Transfer-Encoding in another case',
    body('TRANSFER-ENCODING: Chunked', '5\r\nhello\r\n0\r\n\r\n'),
    'hello',
  ],
  [
    'T02',
    'a Transfer-Encoding before a space',
    body('Transfer-Encoding: chunked ', '5\r\nhello\r\n0\r\n\r\n'),
    'hello',
  ],
  [
    'T02',
    'an underscore in place of the dash means nothing',
    body('Content-Length: 5\r\nTransfer_Encoding: chunked'),
    'hello',
  ],
  ['T09', 'a chunk extension with a value', chunked('5;a=b\r\nhello\r\n0\r\n\r\n'), 'hello'],
  ['T09', 'a chunk extension with a quoted value', chunked('5;a="b;c\\"d"\r\nhello\r\n0\r\n\r\n'), 'hello'],
  ['T10', 'trailers', chunked('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'), 'hello'],
  ['T05', 'an absolute target', line('GET http://test/ HTTP/1.1'), 'OK'],
  ['T05', 'an absolute target with only a query', line('GET http://test?a=1 HTTP/1.1'), 'OK'],
  ['T05', 'an encoded NUL in the target', line('GET /a%00b HTTP/1.1'), 'OK'],
  ['T05', 'an encoded line break in the target', line('GET /a%0d%0aX:1 HTTP/1.1'), 'OK'],
  ['T08', 'an address of 8,000 bytes', line(`GET /${'a'.repeat(7980)} HTTP/1.1`), 'OK'],
  ['T08', '100 headers', header('X: y\r\n'.repeat(99).trimEnd()), 'OK'],
  [
    'T17',
    'an expectation in HTTP/1.0, which knows none',
    `POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`,
    'hello',
  ],
  ['T65', 'Upgrade without Connection: Upgrade', header('Upgrade: websocket'), 'OK'],
  ['T65', 'Upgrade to something unknown', header('Connection: Upgrade\r\nUpgrade: totally-made-up/1.0'), 'OK'],
  ['T65', 'Upgrade in HTTP/1.0', `GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 'OK'],
];

describe('What is no offence is served', () => {
  for (const [row, what, bytes, text] of served)
    it(`${row} ${what}`, async () => {
      seen = [];
      const answer = await ask(server.port, bytes);
      assert.equal(answer.status, 200);
      assert.equal(answer.text, text);
      assert.deepEqual(answer.interim, []);
      assert.equal(seen.length, 1);
    });

  it('T05 the host of an absolute target wins over the Host header', async (t) => {
    const echo = await startServer(({ request, response }) => response.json([request.headers.host, request.url]));
    t.after(() => echo.stop());
    const answer = await ask(echo.port, 'GET http://real:81/x?y HTTP/1.1\r\nHost: other\r\n\r\n');
    assert.deepEqual(JSON.parse(answer.text), ['real:81', '/x?y']);
  });

  it('T05 OPTIONS * is answered with what the server takes', async () => {
    const answer = await ask(server.port, line('OPTIONS * HTTP/1.1'));
    assert.equal(answer.status, 204);
    assert.match(answer.get('allow') ?? '', /GET/);
    assert.equal(answer.get('content-length'), undefined);
  });

  it('T06 TRACE gets 405 with Allow, echoes nothing, and reaches no flow', async () => {
    seen = [];
    const answer = await ask(server.port, line('TRACE / HTTP/1.1', 'Authorization: Bearer secret\r\n'));
    assert.equal(answer.status, 405);
    assert.match(answer.get('allow') ?? '', /^(?!.*TRACE).*GET/);
    assert.doesNotMatch(answer.text, /secret/);
    assert.deepEqual(seen, []);
  });

  it('T17 an expectation other than 100-continue gets 417', async () => {
    const answer = await ask(server.port, header('Expect: 200-ok'));
    assert.equal(answer.status, 417);
  });

  it('T02 a body behind HEAD and OPTIONS is no next request', async () => {
    const client = await RawClient.open(server.port);
    client.send(`HEAD / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`);
    assert.equal((await client.response({ head: true })).status, 200);
    client.send(`OPTIONS / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello${get('/next')}`);
    assert.equal((await client.response()).status, 200);
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });
});
