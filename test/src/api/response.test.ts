import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  type Answer,
  ChunkedResponse,
  FileResponse,
  type FileResponseOptions,
  Headers,
  JSONResponse,
  Redirect,
  type RedirectOptions,
  type Request,
  Response,
  type ResponseOptions,
  Status,
} from '../../../src/engine.js';
import { withServer } from '../../support/api-server.js';
import { RawClient, type RawResponse, ask, get, requestText } from '../../support/raw-client.js';
import { eventually } from '../../support/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'api-response-'));
const root = join(folder, 'root');
mkdirSync(join(root, 'sub'), { recursive: true });
writeFileSync(join(root, 'index.html'), 'index');
writeFileSync(join(root, 'sub', 'index.html'), 'sub index');
writeFileSync(join(root, 'my file.txt'), 'some text');
writeFileSync(join(folder, 'secret.txt'), 'secret');
symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What a client gets for one answer of a handler. */
async function answerOf(
  make: (request: Request) => Answer | Promise<Answer>,
  { request = get('/'), head = false, rootPath }: { request?: string; head?: boolean; rootPath?: string } = {},
): Promise<RawResponse> {
  let response: RawResponse | undefined;
  await withServer(
    { rootPath, headers: { 'X-Default': 'server' } },
    (server) => void server.route('/', [], make),
    async ({ port }) => {
      response = await ask(port, request, { head });
    },
  );
  return response!;
}
const text = (body: string | Uint8Array, options?: ResponseOptions) => (request: Request) =>
  new Response(request, body, options);

describe('a response', () => {
  it('is text or bytes with type and length', async () => {
    const one = await answerOf(text('zażółć'));
    assert.deepEqual(
      [one.version, one.status, one.reason, one.text, one.get('content-type'), one.get('content-length')],
      ['1.1', 200, 'OK', 'zażółć', 'text/plain; charset=utf-8', '10'],
    );
    const bytes = await answerOf(text(new Uint8Array([0, 255]), { contentType: 'image/x' }));
    assert.deepEqual([bytes.body.toString('hex'), bytes.get('content-type')], ['00ff', 'image/x']);
    assert.equal((await answerOf(text(''))).get('content-length'), '0');
    assert.equal((await answerOf(text(5 as never))).status, 500);
  });

  it('has a status by code, by code and text, or as a Status', async () => {
    const lineOf = async (status: ResponseOptions['status']): Promise<string> => {
      const { status: code, reason } = await answerOf(text('', status === undefined ? {} : { status }));
      return `${code} ${reason}`;
    };
    assert.equal(await lineOf(201), '201 Created');
    assert.equal(await lineOf([418, "I'm a teapot"]), "418 I'm a teapot");
    assert.equal(await lineOf(new Status(299, 'Very OK')), '299 Very OK');
    assert.equal(await lineOf(undefined), '200 OK');
    for (const wrong of [99, 101, 1000, NaN, [200, 'a\r\nb'] as const]) assert.match(await lineOf(wrong), /^500/);
  });

  it('lets its headers win over its contentType, and that over the server', async () => {
    const one = await answerOf(
      text('', { contentType: 'a/b', headers: { 'content-type': 'c/d', 'x-default': 'own' } }),
    );
    assert.deepEqual([one.all('content-type'), one.get('x-default')], [['c/d'], 'own']);
    assert.equal((await answerOf(text(''))).get('x-default'), 'server');
  });

  it('takes headers as an object, as lines, or as Headers, several of a name too', async () => {
    const headers = new Headers({ 'X-Two': ['1', '2'] });
    for (const given of [{ 'X-Two': ['1', '2'] }, 'X-Two: 1\r\nX-Two: 2', headers])
      assert.deepEqual((await answerOf(text('', { headers: given }))).all('x-two'), ['1', '2']);
  });

  it('leaves headers out that are null or undefined', async () => {
    const one = await answerOf(
      text('', { headers: { 'X-None': null, 'X-Un': undefined, 'X-Zero': 0, 'X-Empty': '' } }),
    );
    assert.deepEqual(
      ['x-none', 'x-un', 'x-zero', 'x-empty'].map((name) => one.get(name)),
      [undefined, undefined, '0', ''],
    );
  });

  it('never lets a header break out of its line', async () => {
    const one = await answerOf(text('', { headers: { 'X-A': 'a\r\nX-Injected: yes' } }));
    assert.deepEqual([one.status, one.get('x-injected')], [500, undefined]);
  });

  it('sets cookies by value or with attributes, beside those set by hand', async () => {
    const one = await answerOf(
      text('', {
        headers: { 'Set-Cookie': 'manual=1' },
        cookies: { a: 'x y', b: { value: '2', path: '/p', httpOnly: true }, gone: null },
      }),
    );
    assert.deepEqual(one.all('set-cookie'), [
      'manual=1',
      'a=x%20y; Path=/',
      'b=2; Path=/p; HttpOnly',
      'gone=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ]);
  });

  it('of 204 has no body, type or length, and HEAD no body', async () => {
    const empty = await answerOf(text('x', { status: 204 }));
    assert.deepEqual([empty.get('content-type'), empty.get('content-length'), empty.text], [undefined, undefined, '']);
    const head = await answerOf(text('hello'), { request: requestText('HEAD', '/'), head: true });
    assert.deepEqual([head.status, head.get('content-length')], [200, '5']);
  });

  it('may be of a class of its own', async () => {
    const own = (request: Request): Answer => ({ send: () => request.response.status(203).send('own') });
    assert.deepEqual([(await answerOf(own)).status, (await answerOf(own)).text], [203, 'own']);
  });
});

describe('a JSON response', () => {
  it('is any JSON value', async () => {
    for (const value of [{ a: 'ż' }, [1], 'text', 1, true, null]) {
      const one = await answerOf((request) => new JSONResponse(request, value, { status: 202 }));
      assert.deepEqual([one.status, one.get('content-type')], [202, 'application/json; charset=utf-8']);
      assert.deepEqual(JSON.parse(one.text), value);
    }
  });

  it('of a value without JSON is 500', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    assert.equal((await answerOf((request) => new JSONResponse(request, cycle))).status, 500);
  });
});

describe('a redirect', () => {
  const redirect = (options?: RedirectOptions) => answerOf((request) => new Redirect(request, '/a?b=1', options));

  it('has a status by permanence and method, or one of its own', async () => {
    assert.equal((await redirect()).status, 302);
    assert.equal((await redirect({ permanent: true })).status, 301);
    assert.equal((await redirect({ preserveMethod: true })).status, 307);
    assert.equal((await redirect({ permanent: true, preserveMethod: true })).status, 308);
    assert.equal((await redirect({ status: 303 })).status, 303);
    assert.equal((await redirect({ status: [303, 'Look there'] })).reason, 'Look there');
    assert.equal((await redirect({ status: 303, permanent: true })).status, 500);
    assert.equal((await redirect({ status: 200 })).status, 500);
  });

  it('has its address as given, over any other, and no body', async () => {
    const one = await redirect({ headers: { Location: '/other' }, cookies: { a: '1' } });
    assert.deepEqual(
      [one.get('location'), one.get('content-length'), one.get('set-cookie')],
      ['/a?b=1', '0', 'a=1; Path=/'],
    );
    const broken = await answerOf((request) => new Redirect(request, '/a\r\nX-Injected: yes'));
    assert.deepEqual([broken.status, broken.get('x-injected')], [500, undefined]);
  });
});

describe('a chunked response', () => {
  it('sends each part as a chunk and skips empty ones', async () => {
    function* parts(): Generator<string | Buffer> {
      yield 'ab';
      yield '';
      yield Buffer.from('cde');
    }
    for (const body of [parts, ['ab', '', 'cde'], () => ['ab', 'cde']]) {
      const one = await answerOf((request) => new ChunkedResponse(request, body, { status: 201 }));
      assert.deepEqual(
        [one.status, one.chunks, one.text, one.get('content-type'), one.get('content-length')],
        [201, [2, 3], 'abcde', 'text/plain; charset=utf-8', undefined],
      );
    }
  });

  it('that fails in its middle is cut, so that nobody takes the part for the whole', async () => {
    let fail: () => void = () => undefined;
    const seen = new Promise<void>((done) => (fail = done));
    async function* parts(): AsyncGenerator<string> {
      yield 'begun';
      await seen;
      throw new Error('broken');
    }
    await withServer(
      {},
      (server) => void server.route('/', 'GET', (request) => new ChunkedResponse(request, parts)),
      async ({ port, log }) => {
        const client = await RawClient.open(port);
        await client.send(get('/')).until((received) => received.includes('begun'));
        fail();
        assert.doesNotMatch(await client.closed(), /\r\n0\r\n\r\n$/);
        await eventually('the log', () => log.some((line) => line.includes('broken')));
      },
    );
  });

  it('ends its source when the client leaves', async () => {
    let ended = false;
    async function* parts(): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'x'.repeat(1000);
          await new Promise((done) => setTimeout(done, 1));
        }
      } finally {
        ended = true;
      }
    }
    await withServer(
      {},
      (server) => void server.route('/', 'GET', (request) => new ChunkedResponse(request, parts)),
      async ({ port }) => {
        const client = await RawClient.open(port);
        await client.send(get('/')).until((received) => received.includes('xxx'));
        client.destroy();
        await eventually('the end of the source', () => ended);
      },
    );
  });
});

describe('a file response', () => {
  const file =
    (filename?: string, rootPath?: string, options?: FileResponseOptions) =>
    (request: Request): FileResponse =>
      new FileResponse(request, filename, rootPath, options);

  it('is a file of the root of the server, or of its own', async () => {
    assert.equal((await answerOf(file(), { rootPath: root })).text, 'index');
    const own = await answerOf(file('/sub/', root));
    assert.deepEqual(
      [own.text, own.get('content-type'), own.get('content-length')],
      ['sub index', 'text/html; charset=utf-8', '9'],
    );
    assert.equal((await answerOf(file('index.html'))).status, 404);
    assert.equal((await answerOf(file('none.txt', root))).status, 404);
    assert.equal((await answerOf(file('link.txt', root))).status, 404);
  });

  it('is safe unless it is told otherwise', async () => {
    for (const name of ['../secret.txt', 'sub/../index.html', 'a\\b']) {
      const one = await answerOf(file(name, root));
      assert.deepEqual([one.status, one.text], [403, 'Invalid path']);
    }
    assert.equal((await answerOf(file('../secret.txt', root, { safe: false }))).text, 'secret');
  });

  it('has status, headers, cookies and type of its own', async () => {
    const one = await answerOf(
      file('index.html', root, {
        status: 404,
        headers: { 'X-Two': ['1', '2'] },
        cookies: { a: '1', b: { value: '2', secure: true } },
        contentType: 'a/b',
        maxAge: 60,
      }),
    );
    assert.deepEqual(
      [one.status, one.all('x-two'), one.all('set-cookie'), one.get('content-type'), one.get('cache-control')],
      [404, ['1', '2'], ['a=1; Path=/', 'b=2; Path=/; Secure'], 'a/b', 'public, max-age=60'],
    );
  });

  it('may be a download by another name', async () => {
    const name = async (options: FileResponseOptions): Promise<string | undefined> =>
      (await answerOf(file('my file.txt', root, options))).get('content-disposition');
    assert.equal(await name({ asAttachment: true }), 'attachment; filename="my file.txt"');
    assert.equal(
      await name({ asAttachment: true, downloadFilename: 'ż"x.txt' }),
      `attachment; filename="?\\"x.txt"; filename*=UTF-8''%C5%BC%22x.txt`,
    );
    assert.equal(await name({ downloadFilename: 'x' }), undefined);
    assert.equal(await name({ asAttachment: true, headers: { 'Content-Disposition': 'inline' } }), 'inline');
  });

  it('sends ranges, answers conditions, and HEAD by its headers', async () => {
    const range = await answerOf(file('index.html', root), { request: get('/', 'Range: bytes=1-2') });
    assert.deepEqual([range.status, range.text], [206, 'nd']);
    const whole = await answerOf(file('index.html', root, { bufferSize: 1 }));
    const again = await answerOf(file('index.html', root), {
      request: get('/', `If-None-Match: ${whole.get('etag')}`),
    });
    assert.equal(again.status, 304);
    const head = await answerOf(file('index.html', root), { request: requestText('HEAD', '/'), head: true });
    assert.deepEqual([head.status, head.get('content-length')], [200, '5']);
  });
});
