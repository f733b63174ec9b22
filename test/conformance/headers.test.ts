/** What probes of HTTP semantics look for in the headers of every kind of answer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HttpError, sendError } from '../../src/index.js';
import { RawClient, type RawResponse, ask, get, post, requestText } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

const root = mkdtempSync(join(tmpdir(), 'headers-'));
writeFileSync(join(root, 'page.html'), '<p>page</p>'.repeat(300));
writeFileSync(join(root, 'image.png'), Buffer.alloc(5000, 7));

let server: TestServer;
before(async () => {
  server = await startServer(
    [
      { path: '/text', handle: ({ response }) => response.send('text') },
      { path: '/json', handle: ({ response }) => response.json({ a: 1 }) },
      { path: '/large', handle: ({ response }) => response.send('large '.repeat(1000)) },
      { path: '/empty', handle: ({ response }) => response.sendStatus(204) },
      { path: '/reset', handle: ({ response }) => response.status(205).send() },
      { path: '/to', handle: ({ response }) => response.redirect('/text') },
      { path: '/chunks', handle: ({ response }) => response.type('txt').write('a') && response.end('b') },
      { path: '/error', handle: ({ response }) => sendError(response, new HttpError('BAD_REQUEST')) },
      { path: '/internal', handle: ({ response }) => sendError(response, new Error('secret')) },
      { path: '/routed', methods: ['GET', 'PUT'], handle: ({ response }) => response.send('routed') },
    ],
    { rootPath: root, compression: true },
  );
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

/** One address for each kind of answer, with its status. */
const kinds: readonly (readonly [request: string, status: number])[] = [
  [get('/text'), 200],
  [get('/json'), 200],
  [get('/large', 'Accept-Encoding: gzip'), 200],
  [get('/empty'), 204],
  [get('/reset'), 205],
  [get('/to'), 302],
  [get('/chunks'), 200],
  [get('/error'), 400],
  [get('/internal'), 500],
  [get('/page.html'), 200],
  [get('/page.html', 'Accept-Encoding: br'), 200],
  [get('/page.html', 'Range: bytes=0-9'), 206],
  [get('/page.html', 'Range: bytes=0-9,20-29'), 206],
  [get('/page.html', 'Range: bytes=90000-'), 416],
  [get('/page.html', 'If-None-Match: *'), 304],
  [get('/page.html', 'If-Match: "x"'), 412],
  [get('/image.png'), 200],
  [get('/missing'), 404],
  [get('/routed'), 200],
  [requestText('OPTIONS', '/routed'), 204],
  [requestText('DELETE', '/routed'), 405],
  [requestText('OPTIONS', '*'), 204],
  [post('/page.html', 'x'), 404],
  ['GET / HTTP/1.1\r\n\r\n', 400],
  ['nonsense\r\n\r\n', 400],
  ['GET / HTTP/2.0\r\nHost: x\r\n\r\n', 505],
];

const statusText = (request: string): string => request.split('\r\n', 1)[0] ?? '';
const lengthless = new Set([204, 304]);

describe('Every kind of answer', () => {
  for (const [request, status] of kinds) {
    const headers = /Range|If-|Accept-E/.exec(request)?.[0];
    describe(`${statusText(request)}${headers ? ` with ${request.split('\r\n')[2] ?? ''}` : ''}`, () => {
      let answer: RawResponse;
      before(async () => {
        answer = await ask(server.port, request);
      });

      it(`is ${status}, with a date in the one form that is written`, () => {
        assert.equal(answer.status, status);
        assert.equal(answer.version, '1.1');
        const date = answer.get('date') ?? '';
        assert.match(date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
        assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000);
      });

      it('frames its body in exactly one way', () => {
        const length = answer.get('content-length');
        const coding = answer.get('transfer-encoding');
        if (lengthless.has(status)) assert.deepEqual([length, coding, answer.text], [undefined, undefined, '']);
        else assert.ok((length === undefined) !== (coding === undefined), `${length ?? ''} ${coding ?? ''}`);
        if (length !== undefined) assert.equal(Number(length), answer.body.length);
      });

      it('has no header twice that is no list, none of the connection that is not meant, and none that tells of the machine', () => {
        for (const name of new Set(answer.headers.map(([one]) => one.toLowerCase())))
          if (name !== 'set-cookie') assert.equal(answer.all(name).length, 1, name);
        for (const name of ['server', 'x-powered-by', 'upgrade', 'te', 'trailer', 'content-location', 'pragma'])
          assert.equal(answer.get(name), undefined, name);
        assert.ok(['keep-alive', 'close'].includes(answer.get('connection') ?? ''));
      });

      it('names the type of what it carries, and the charset of text', () => {
        const type = answer.get('content-type');
        if (answer.body.length === 0) return;
        assert.ok(type !== undefined);
        if (type.startsWith('text/') || type.startsWith('application/json')) assert.match(type, /; charset=utf-8$/);
      });

      it('does not put the reason where none belongs, nor a body where the status forbids it', () => {
        assert.match(answer.reason, /^[A-Z][\w '-]+$/);
      });

      it('T44 as an error it may not run or be sniffed, and depends on Accept', () => {
        if (status < 400 || answer.get('content-type')?.startsWith('multipart')) return;
        assert.equal(answer.get('x-content-type-options'), 'nosniff');
        if (/^nonsense|^GET \/ HTTP\/2/.test(request)) return;
        assert.equal(answer.get('content-security-policy'), "default-src 'none'");
        assert.equal(answer.get('vary'), 'Accept');
      });
    });
  }
});

describe('A representation', () => {
  const etags = async (path: string): Promise<(string | undefined)[]> =>
    Promise.all(
      ['identity', 'gzip', 'br'].map(async (coding) =>
        (await ask(server.port, get(path, `Accept-Encoding: ${coding}`))).get('etag'),
      ),
    );

  it('that differs by coding says so, and a strong tag names one coding only', async () => {
    for (const coding of ['', 'gzip', 'br', 'identity;q=0.5, gzip;q=1'])
      assert.match(
        (await ask(server.port, get('/page.html', `Accept-Encoding: ${coding}`))).get('vary') ?? '',
        /Accept-Encoding/,
      );
    const [plain, gzip, br] = await etags('/page.html');
    assert.match(plain ?? '', /^"/);
    assert.deepEqual([gzip, br], [`W/${plain ?? ''}`, `W/${plain ?? ''}`]);
  });

  it('has the same validators each time it is asked for', async () => {
    const seen = new Set<string>();
    for (let count = 0; count < 5; count += 1)
      seen.add(`${(await etags('/page.html')).join()} ${(await etags('/image.png')).join()}`);
    assert.equal(seen.size, 1);
  });

  it('gives the same bytes in parts as in whole', async () => {
    const whole = (await ask(server.port, get('/image.png'))).body;
    const client = await RawClient.open(server.port);
    const parts: Buffer[] = [];
    for (let start = 0; start < whole.length; start += 777)
      parts.push((await client.send(get('/image.png', `Range: bytes=${start}-${start + 776}`)).response()).body);
    client.destroy();
    assert.deepEqual(Buffer.concat(parts), whole);
  });

  it('HEAD after HEAD on one connection: nothing is left between the answers', async () => {
    const client = await RawClient.open(server.port);
    const paths = ['/text', '/json', '/large', '/page.html', '/image.png', '/missing', '/to', '/chunks', '/internal'];
    client.send(paths.map((path) => requestText('HEAD', path, ['Accept-Encoding: gzip'])).join('') + get('/text'));
    for (const path of paths) {
      const head = await client.response({ head: true });
      assert.ok(head.status >= 200, path);
    }
    assert.equal((await client.response()).text, 'text');
    client.destroy();
  });
});
