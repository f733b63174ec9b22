import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'node:test';
import { Response, Route, type Request, type Server, asRoute } from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { ask, get, post, requestText } from '../../support/raw-client.js';

/** Answers every request with what the test makes of it, as JSON. */
const show =
  (view: (request: Request) => unknown) =>
  (server: Server): void =>
    void server.route('/....', [], (request) => new Response(request, JSON.stringify(view(request) ?? null)));

async function seen(view: (request: Request) => unknown, ...requests: string[]): Promise<unknown[]> {
  const out: unknown[] = [];
  await withServer({}, show(view), async ({ port }) => {
    for (const text of requests) {
      const response = await ask(port, text);
      out.push(response.status === 200 ? (JSON.parse(response.text) as unknown) : response.status);
    }
  });
  return out;
}

describe('a request', () => {
  it('tells its line, its server, its connection and its client', async () => {
    const [view] = await seen(
      (request) => [
        request.method,
        request.path,
        request.httpVersion,
        request.clientAddress[0],
        request.clientAddress[1] === request.connection.remotePort,
        request.server.port === request.connection.localPort,
        String(request),
        request.raw.url,
      ],
      get('/a%20b/c?a=1&b=2'),
    );
    assert.deepEqual(view, [
      ...['GET', '/a%20b/c', 'HTTP/1.1', '127.0.0.1', true, true],
      ...['<Request "GET /a%20b/c?a=1&b=2">', '/a%20b/c?a=1&b=2'],
    ]);
  });

  it('loses the origin of an absolute target', async () => {
    const [view] = await seen(({ path, queryParams }) => [path, queryParams.get('c')], get('http://a.example/a/b?c=1'));
    assert.deepEqual(view, ['/a/b', '1']);
  });

  it('keeps every header line, by name in any case', async () => {
    const [view] = await seen(
      ({ headers }) => [
        headers.getList('X-Two'),
        headers.get('x-none', 'none'),
        headers.getParameter('X-P', 'q'),
        headers.get('x-tight'),
      ],
      get('/x', 'X-Two: 1', 'x-two: 2', 'X-P: a; q="b;c"', 'X-Tight:3'),
    );
    assert.deepEqual(view, [['1', '2'], 'none', 'b;c', '3']);
  });

  it('has its query decoded, repeated names kept, and escaped unless asked for raw', async () => {
    const view = ({ queryParams: query }: Request): unknown => [
      query.getList('a'),
      query.get('b'),
      query.get('b', { safe: false }),
      query.get('c'),
      query.get('none', 'none'),
      query.fields,
    ];
    assert.deepEqual(await seen(view, get('/x?a=1&a=2&b=%3Cb%3E+&c')), [
      [['1', '2'], '&lt;b&gt; ', '<b> ', '', 'none', ['a', 'b', 'c']],
    ]);
  });

  it('has cookies decoded, the last of a name, malformed ones left out', async () => {
    const view = ({ cookies }: Request): unknown => cookies;
    assert.deepEqual(await seen(view, get('/x', 'Cookie: foo=bar; baz="q%20x"; foo=quux; broken;'), get('/x')), [
      { foo: 'quux', baz: 'q x' },
      {},
    ]);
  });

  it('has the bytes of its body', async () => {
    const view = ({ body }: Request): unknown => [body.toString('hex'), body.length];
    const chunked = `${requestText('POST', '/x', ['Transfer-Encoding: chunked', 'Content-Type: text/plain'])}2\r\nab\r\n0\r\n\r\n`;
    const requests = [
      post('/x', Buffer.from([0, 255]), 'Content-Type: a/b'),
      post('/x', '{"a":1}', 'Content-Type: application/json'),
      chunked,
      get('/x'),
    ];
    assert.deepEqual(await seen(view, ...requests), [
      ['00ff', 2],
      ['7b2261223a317d', 7],
      ['6162', 2],
      ['', 0],
    ]);
  });

  it('has its body as JSON whatever the type says, for the methods that carry one', async () => {
    const view = (request: Request): unknown => request.json() ?? 'none';
    const withBody = (method: string, body: string): string =>
      `${requestText(method, '/x', [`Content-Length: ${body.length}`, 'Content-Type: text/plain'])}${body}`;
    assert.deepEqual(
      await seen(
        view,
        withBody('POST', '[1]'),
        withBody('PUT', '{"a":1}'),
        withBody('PATCH', '2'),
        withBody('DELETE', '"x"'),
      ),
      [[1], { a: 1 }, 2, 'x'],
    );
    assert.deepEqual(await seen(view, withBody('GET', '[1]'), post('/x', ''), withBody('POST', '{')), [
      'none',
      'none',
      400,
    ]);
  });

  it('has the fields and files of a form of any of the three kinds', async () => {
    const view = ({ formData: form }: Request): unknown => [
      form.contentType,
      form.items({ safe: false }),
      form.get('a'),
      form.files
        .items()
        .map(([name, file]) => [name, file.filename, file.contentType, file.size, String(file.content)]),
    ];
    const part = (disposition: string, text: string, ...lines: string[]): string =>
      `--b\r\n${[`Content-Disposition: form-data; ${disposition}`, ...lines].join('\r\n')}\r\n\r\n${text}\r\n`;
    const multipart = `${part('name="a"', '<i>')}${part('name="f"; filename="f.txt"', 'żż', 'Content-Type: text/plain')}--b--\r\n`;
    assert.deepEqual(
      await seen(
        view,
        post('/x', 'a=%3Ci%3E&a=2', 'Content-Type: application/x-www-form-urlencoded; charset=utf-8'),
        post('/x', multipart, 'Content-Type: multipart/form-data; boundary="b"'),
        post('/x', 'a=1\r\nb=2', 'Content-Type: text/plain'),
        post('/x', 'a=1', 'Content-Type: application/octet-stream'),
        post('/x', 'a=1', 'Content-Type: text/plain').replace(/^POST/, 'PUT'),
      ),
      [
        [
          'application/x-www-form-urlencoded',
          [
            ['a', '<i>'],
            ['a', '2'],
          ],
          '&lt;i&gt;',
          [],
        ],
        ['multipart/form-data', [['a', '<i>']], '&lt;i&gt;', [['f', 'f.txt', 'text/plain', 4, 'żż']]],
        [
          'text/plain',
          [
            ['a', '1'],
            ['b', '2'],
          ],
          '1',
          [],
        ],
        ['application/octet-stream', [], null, []],
        ['text/plain', [['a', '1']], '1', []],
      ],
    );
  });

  it('warns of a form of another kind, with debug only', async () => {
    const use = async (debug: boolean): Promise<string[]> => {
      let log: string[] = [];
      await withServer(
        { debug, accessLog: false },
        show((request) => request.formData.size),
        async (started) => {
          await ask(started.port, post('/x', 'x', 'Content-Type: a/b'));
          log = started.log.filter((line) => line.includes('WARNING'));
        },
      );
      return log;
    };
    assert.deepEqual(await use(false), []);
    assert.deepEqual(await use(true), [
      'info WARNING: Unsupported Content-Type: a/b. Only application/x-www-form-urlencoded, multipart/form-data, text/plain are supported.',
    ]);
  });

  it('keeps the bytes of an upload in memory only when its route says so', async () => {
    const body = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n--b--\r\n';
    const upload = (path: string): string => post(path, body, 'Content-Type: multipart/form-data; boundary=b');
    const answer = (request: Request): Response =>
      new Response(request, `${request.formData.files.get('f')?.size} ${request.body.length}`);
    await withServer(
      {},
      (server) => {
        server.route('/raw', 'POST', answer, { rawBody: true });
        server.route('/', 'POST', answer);
      },
      async ({ port }) => {
        assert.equal((await ask(port, upload('/raw'))).text, `1 ${body.length}`);
        assert.equal((await ask(port, upload('/'))).text, '1 0');
      },
    );
  });

  it('keeps an upload on disk while it is answered, when its route says so', async () => {
    await withServer(
      {},
      (server) =>
        void server.route(
          '/x',
          'POST',
          (request) => {
            const file = request.formData.files.get('f');
            return new Response(request, `${file?.size} ${typeof file?.path} ${request.body.length}`);
          },
          { upload: 'disk', maxFileSize: 10 },
        ),
      async ({ port }) => {
        const body = (text: string): string =>
          `--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n${text}\r\n--b--\r\n`;
        const type = 'Content-Type: multipart/form-data; boundary=b';
        assert.equal((await ask(port, post('/x', body('12345'), type))).text, '5 string 0');
        assert.equal((await ask(port, post('/x', body('x'.repeat(11)), type))).status, 413);
      },
    );
  });
});

describe('a route', () => {
  const handler = (): void => undefined;

  it('is a path, methods and a handler, and says which requests it takes', () => {
    const route = new Route('/a/<id>/.../<name>', ['GET', 'POST'], handler);
    assert.deepEqual(route.parametersNames, ['id', 'name']);
    assert.deepEqual([...route.methods], ['GET', 'POST']);
    assert.equal(route.handler, handler);
    assert.equal(String(route), '<Route path=/a/<id>/.../<name>, methods=GET, POST>');
    assert.deepEqual(route.matches('GET', '/a/1/x/%C3%BC'), { '0': 'x', id: '1', name: 'ü' });
    assert.equal(route.matches('PUT', '/a/1/x/2'), undefined);
    assert.equal(route.matches('GET', '/a/1/2'), undefined);
    assert.ok(inspect(route).includes('/a/<id>'));
  });

  it('takes methods from any collection, and any method from none', () => {
    for (const methods of ['GET', ['GET'], new Set(['GET']), new Map([['GET', 1]]).keys()])
      assert.deepEqual([...new Route('/', methods, handler).methods], ['GET']);
    assert.deepEqual(new Route('/', [], handler).matches('REPORT', '/'), {});
    assert.throws(() => new Route('/', 'GE T', handler), { message: '"GE T" is not a valid method name.' });
  });

  it('may end with a slash or not, if it says so', () => {
    const route = new Route('/a', 'GET', handler, { appendSlash: true });
    assert.deepEqual(
      ['/a', '/a/', '/a//'].map((path) => route.matches('GET', path) !== undefined),
      [true, true, false],
    );
    assert.throws(() => new Route('/a/', 'GET', handler, { appendSlash: true }), /append_slash/);
  });

  it('needs a handler and a path that can work', () => {
    assert.throws(() => new Route('/', 'GET', undefined as never), { message: 'The route / has no handler.' });
    for (const path of ['a', '//', '/<>', '/a<b>', '/a...', '/.....'])
      assert.throws(() => new Route(path, 'GET', handler), { name: 'PatternError' }, path);
  });

  it('is made of a function once only by asRoute', () => {
    const one = (): void => undefined;
    assert.ok(asRoute('/x', 'GET', one) instanceof Route);
    assert.throws(() => asRoute('/y', 'GET', one), { message: 'asRoute can be used only once per function.' });
  });
});
