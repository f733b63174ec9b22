import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isHttpError } from '../../../src/errors.js';
import { FileCache } from '../../../src/file/file-cache.js';
import { type SendFileOptions, sendFile } from '../../../src/file/send-file.js';

const top = mkdtempSync(join(tmpdir(), 'send-file-'));
const root = join(top, 'root');
const big = Buffer.alloc(300_000, 'abcdefghij');

mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
mkdirSync(join(root, 'empty'));
writeFileSync(join(top, 'secret.txt'), 'secret');
writeFileSync(join(root, 'index.html'), '<h1>home</h1>');
writeFileSync(join(root, 'nums.txt'), '123456789');
writeFileSync(join(root, 'big.bin'), big);
writeFileSync(join(root, 'none.txt'), '');
writeFileSync(join(root, '.hidden'), 'hidden');
writeFileSync(join(root, 'ü <b>.txt'), 'name');
writeFileSync(join(root, 'x.js'), 'plain');
writeFileSync(join(root, 'x.js.br'), 'brotli!');
writeFileSync(join(root, 'x.js.gz'), 'gzip!!!!');
writeFileSync(join(root, 'sub', 'index.html'), 'sub');
writeFileSync(join(root, 'app.html'), 'the app');
symlinkSync(join(top, 'secret.txt'), join(root, 'out.txt'));
symlinkSync(join(root, 'nums.txt'), join(root, 'in.txt'));
symlinkSync(top, join(root, 'up'));
execFileSync('mkfifo', [join(root, 'fifo')]);
utimesSync(join(root, 'nums.txt'), 1_000_000, 1_000_000);

let options: Partial<SendFileOptions> = {};
const server = http.createServer((request, response) => {
  sendFile(request, response, {
    root,
    filename: (request.url ?? '/').split('?', 1)[0] ?? '/',
    encoded: true,
    ...options,
  }).catch((error: unknown) => {
    if (response.headersSent) return;
    const failure = isHttpError(error) ? error : undefined;
    response.writeHead(failure?.status ?? 500, failure?.headers as http.OutgoingHttpHeaders);
    response.end(failure?.code ?? String(error));
  });
});
let port = 0;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

function get(path: string, headers: http.OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  return new Promise((done, fail) => {
    const request = http.request({ port, host: '127.0.0.1', path, headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        done({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() });
      });
    });
    request.on('error', fail).end();
  });
}

/** A request whose target nothing normalises. */
function raw(target: string): Promise<string> {
  return new Promise((done) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
    );
    socket
      .on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
      .on('close', () => done(text))
      .on('error', () => undefined);
  });
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

before(
  () =>
    new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', () => {
        port = (server.address() as net.AddressInfo).port;
        done();
      });
    }),
);
after(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(top, { recursive: true, force: true });
});

async function using<T>(more: Partial<SendFileOptions>, work: () => Promise<T>): Promise<T> {
  options = more;
  try {
    return await work();
  } finally {
    options = {};
  }
}

describe('a file', () => {
  it('FR1 is sent with its length, media type, date and tag', async () => {
    const { status, headers, text } = await get('/nums.txt');
    assert.equal(status, 200);
    assert.equal(text, '123456789');
    assert.equal(headers['content-length'], '9');
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(headers['last-modified'], 'Mon, 12 Jan 1970 13:46:40 GMT');
    assert.equal(headers['accept-ranges'], 'bytes');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers.etag ?? '', /^"[\w-]+"$/);
    assert.equal(headers['cache-control'], undefined);
  });

  it('may be empty', async () => {
    const { status, headers, text } = await get('/none.txt');
    assert.deepEqual([status, headers['content-length'], text], [200, '0', '']);
  });

  it('may be large, in small reads', async () => {
    const { body } = await using({ bufferSize: 1000 }, () => get('/big.bin'));
    assert.ok(body.equals(big));
  });

  it('FR10 FR11 is described by HEAD and headOnly, without its bytes', async () => {
    const head = await get('/nums.txt', {}, 'HEAD');
    assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '9', '']);
  });

  it('FR2 is the index of a folder, and the folder without slash redirects, query kept', async () => {
    assert.equal((await get('/')).text, '<h1>home</h1>');
    assert.equal((await get('/sub/')).text, 'sub');
    const redirect = await get('/sub?a=1');
    assert.deepEqual([redirect.status, redirect.headers.location], [301, '/sub/?a=1']);
    assert.equal((await get('/empty/')).status, 404);
    assert.equal((await get('/nums.txt/')).status, 404);
  });

  it('T43 never redirects to another host', async () => {
    assert.match(await raw('//sub'), /\r\nLocation: \/sub\/\r\n/);
    assert.match(await raw('///sub?x'), /\r\nLocation: \/sub\/\?x\r\n/);
  });

  it('FR9 is a download with a quoted and encoded name', async () => {
    const plain = await using({ attachment: true }, () => get('/nums.txt'));
    assert.equal(plain.headers['content-disposition'], 'attachment; filename="nums.txt"');
    const named = await using({ attachment: true, downloadName: 'ü "x".txt' }, () => get('/nums.txt'));
    assert.equal(
      named.headers['content-disposition'],
      `attachment; filename="? \\"x\\".txt"; filename*=UTF-8''%C3%BC%20%22x%22.txt`,
    );
  });

  it('takes headers, media type, status and age from the options', async () => {
    const { status, headers } = await using(
      {
        headers: [
          ['X-A', '1'],
          ['ETag', '"mine"'],
        ],
        contentType: 'text/csv',
        statusCode: 404,
        maxAge: 60,
      },
      () => get('/nums.txt'),
    );
    assert.deepEqual(
      [status, headers['x-a'], headers.etag, headers['content-type'], headers['cache-control']],
      [404, '1', '"mine"', 'text/csv; charset=utf-8', 'public, max-age=60'],
    );
  });

  it('may have any name', async () => {
    assert.equal((await get(`/${encodeURIComponent('ü <b>.txt')}`)).text, 'name');
  });
});

describe('conditions (RFC 9110 13)', () => {
  it('answer 304 without a body to the tag and the date', async () => {
    const { headers } = await get('/nums.txt');
    for (const condition of [
      { 'If-None-Match': headers.etag },
      { 'If-None-Match': `"other", W/${headers.etag ?? ''}` },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': headers['last-modified'] },
    ]) {
      const answer = await get('/nums.txt', condition);
      assert.deepEqual(
        [answer.status, answer.text, answer.headers['content-type'], answer.headers.etag],
        [304, '', undefined, headers.etag],
        JSON.stringify(condition),
      );
    }
  });

  it('prefer the tag to the date', async () => {
    const { headers } = await get('/nums.txt');
    assert.equal(
      (await get('/nums.txt', { 'If-None-Match': '"other"', 'If-Modified-Since': headers['last-modified'] })).status,
      200,
    );
    assert.equal((await get('/nums.txt', { 'If-Modified-Since': 'Mon, 12 Jan 1970 13:46:39 GMT' })).status, 200);
    assert.equal((await get('/nums.txt', { 'If-Modified-Since': 'nonsense' })).status, 200);
  });

  it('answer 412 where the client holds something else', async () => {
    const { headers } = await get('/nums.txt');
    assert.equal((await get('/nums.txt', { 'If-Match': '"other"' })).status, 412);
    assert.equal((await get('/nums.txt', { 'If-Match': headers.etag })).status, 200);
    assert.equal((await get('/nums.txt', { 'If-Unmodified-Since': 'Mon, 12 Jan 1970 13:46:39 GMT' })).status, 412);
  });
});

describe('ranges (RFC 9110 14)', () => {
  const range = async (
    value: string,
    more: http.OutgoingHttpHeaders = {},
  ): Promise<[number, string | undefined, string]> => {
    const { status, headers, text } = await get('/nums.txt', { Range: value, ...more });
    return [status, headers['content-range'], text];
  };

  it('are sent alone', async () => {
    assert.deepEqual(await range('bytes=0-4'), [206, 'bytes 0-4/9', '12345']);
    assert.deepEqual(await range('bytes=2-'), [206, 'bytes 2-8/9', '3456789']);
    assert.deepEqual(await range('bytes=-3'), [206, 'bytes 6-8/9', '789']);
    assert.deepEqual(await range('bytes=-30'), [206, 'bytes 0-8/9', '123456789']);
    assert.deepEqual(await range('bytes=5-500'), [206, 'bytes 5-8/9', '6789']);
  });

  it('T35 outside the file are answered 416 with its size', async () => {
    assert.deepEqual(await range('bytes=9-10'), [416, 'bytes */9', 'RANGE_NOT_SATISFIABLE']);
    assert.deepEqual(await range('bytes=-0'), [416, 'bytes */9', 'RANGE_NOT_SATISFIABLE']);
  });

  it('T35 that make no sense, overlap or are too many give the whole file', async () => {
    for (const value of [
      'bytes=5-2',
      'bytes=a-b',
      'bytes=',
      'lines=1-2',
      'bytes=0-4,2-6',
      `bytes=${Array.from({ length: 20 }, () => '0-0').join(',')}`,
    ])
      assert.equal((await range(value))[0], 200, value);
  });

  it('are sent together as multipart/byteranges', async () => {
    const { status, headers, text } = await get('/nums.txt', { Range: 'bytes=0-1,4-5' });
    assert.equal(status, 206);
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(headers['content-type'] ?? '')?.[1] ?? '';
    assert.equal(headers['content-length'], String(text.length));
    const part = (bytes: string, content: string): string =>
      `\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${bytes}/9\r\n\r\n${content}`;
    assert.equal(text, `${part('0-1', '12')}${part('4-5', '56')}\r\n--${boundary}--\r\n`);
  });

  it('need If-Range to fit', async () => {
    const { headers } = await get('/nums.txt');
    assert.equal((await range('bytes=0-1', { 'If-Range': headers.etag }))[0], 206);
    assert.equal((await range('bytes=0-1', { 'If-Range': headers['last-modified'] }))[0], 206);
    assert.equal((await range('bytes=0-1', { 'If-Range': '"other"' }))[0], 200);
    assert.equal((await range('bytes=0-1', { 'If-Range': 'Mon, 12 Jan 1970 13:46:41 GMT' }))[0], 200);
  });

  it('of a large file are read where they lie', async () => {
    const { body } = await get('/big.bin', { Range: 'bytes=100005-250004' });
    assert.ok(body.equals(big.subarray(100_005, 250_005)));
  });

  it('do not apply to HEAD', async () => {
    assert.equal((await get('/nums.txt', { Range: 'bytes=0-1' }, 'HEAD')).status, 200);
  });
});

describe('compressed neighbours', () => {
  it('go to clients that take them, with Vary and a tag of their own', async () => {
    const plain = await get('/x.js');
    const br = await get('/x.js', { 'Accept-Encoding': 'gzip, br' });
    const gzip = await get('/x.js', { 'Accept-Encoding': 'gzip, br;q=0' });
    assert.deepEqual([plain.text, br.text, gzip.text], ['plain', 'brotli!', 'gzip!!!!']);
    assert.deepEqual(
      [plain.headers['content-encoding'], br.headers['content-encoding'], gzip.headers['content-encoding']],
      [undefined, 'br', 'gzip'],
    );
    assert.equal(br.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(plain.headers.vary, 'Accept-Encoding');
    assert.equal(new Set([plain.headers.etag, br.headers.etag, gzip.headers.etag]).size, 3);
  });

  it('stay home when they are switched off', async () => {
    assert.equal(
      (await using({ precompressed: false }, () => get('/x.js', { 'Accept-Encoding': 'br' }))).text,
      'plain',
    );
  });
});

describe('what is not served', () => {
  it('T31 nothing outside the root: 403 for .. and backslash, however they are written', async () => {
    for (const target of [
      '/../secret.txt',
      '/sub/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e%2fsecret.txt',
      '/sub/../nums.txt',
      '/..\\secret.txt',
      '/%5c..%5csecret.txt',
      '/sub%5c..',
      '/..',
      '/../',
    ])
      assert.match(await raw(target), /^HTTP\/1\.1 403 [^]*(PARENT_DIRECTORY_REFERENCE|BACKSLASH_IN_PATH)/, target);
  });

  it('T31 nothing by double encoding, overlong UTF-8 or NUL', async () => {
    assert.match(await raw('/%252e%252e/secret.txt'), /^HTTP\/1\.1 404 /);
    assert.match(await raw('/nums.txt%00.html'), /^HTTP\/1\.1 404 /);
    assert.match(await raw('/%c0%ae%c0%ae/secret.txt'), /^HTTP\/1\.1 400 /);
  });

  it('T33 no symbolic link that leads outside; one that stays inside is', async () => {
    assert.equal((await get('/out.txt')).status, 404);
    assert.equal((await get('/up/secret.txt')).status, 404);
    assert.equal((await get('/in.txt')).text, '123456789');
  });

  it('FR6 safe: false lifts these checks, and only these', async () => {
    await using({ safe: false }, async () => {
      assert.equal((await get('/out.txt')).text, 'secret');
      assert.match(await raw('/../secret.txt'), /secret$/);
      assert.equal((await get('/.hidden')).status, 404);
    });
  });

  it('T32 dot files: not found, denied or allowed', async () => {
    assert.equal((await get('/.hidden')).status, 404);
    assert.equal((await using({ dotfiles: 'deny' }, () => get('/.hidden'))).status, 403);
    assert.equal((await using({ dotfiles: 'allow' }, () => get('/.hidden'))).text, 'hidden');
  });

  it('T34 devices, FIFOs and folders: 404 at once', async () => {
    assert.equal((await get('/fifo')).status, 404);
    assert.equal((await get('/none')).status, 404);
    assert.equal((await get(`/${'x'.repeat(5000)}`)).status, 404);
    assert.equal((await using({ root: '/dev' }, () => get('/zero'))).status, 404);
  });
});

describe('listings and pages', () => {
  it('list folders first, escaped and encoded', async () => {
    const { headers, text } = await using({ listing: true, index: '' }, () => get('/'));
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.ok(text.indexOf('sub/') < text.indexOf('nums.txt'));
    assert.match(text, /<a href="\.\/%C3%BC%20%3Cb%3E\.txt">ü &lt;b&gt;\.txt<\/a>/);
    assert.ok(!text.includes('.hidden') && !text.includes('<b>.txt') && !text.includes('../'));
    assert.match((await using({ listing: true }, () => get('/empty/'))).text, /href="\.\.\/"/);
  });

  it('are JSON for scripts', async () => {
    const { text } = await using({ listing: true, index: '' }, () => get('/sub/', { Accept: 'application/json' }));
    assert.deepEqual(
      (JSON.parse(text) as { name: string }[]).map(({ name }) => name),
      ['deep', 'index.html'],
    );
  });

  it('fall back to the page of an application where HTML is wanted', async () => {
    await using({ fallback: 'app.html' }, async () => {
      const page = await get('/some/view', { Accept: 'text/html,*/*' });
      assert.deepEqual(
        [page.status, page.text, page.headers['content-type']],
        [200, 'the app', 'text/html; charset=utf-8'],
      );
      assert.equal((await get('/some/data', { Accept: 'application/json' })).status, 404);
      assert.equal((await get('/nums.txt', { Accept: 'text/html' })).text, '123456789');
    });
  });
});

describe('the cache', () => {
  const cache = new FileCache();

  it('serves what is on disk, within half a second of a change', async () => {
    await using({ cache }, async () => {
      writeFileSync(join(root, 'live.txt'), 'one');
      assert.equal((await get('/live.txt')).text, 'one');
      assert.equal((await get('/live.txt')).text, 'one');
      writeFileSync(join(root, 'live.txt'), 'two');
      await pause(600);
      assert.equal((await get('/live.txt')).text, 'two');
      rmSync(join(root, 'live.txt'));
      await pause(600);
      assert.equal((await get('/live.txt')).status, 404);
    });
  });

  it('answers ranges and conditions alike', async () => {
    await using({ cache }, async () => {
      const first = await get('/nums.txt');
      assert.equal((await get('/nums.txt', { 'If-None-Match': first.headers.etag })).status, 304);
      assert.equal((await get('/nums.txt', { Range: 'bytes=1-2' })).text, '23');
      assert.match((await get('/nums.txt', { Range: 'bytes=0-1,4-5' })).text, /12[^]*56/);
      assert.equal((await get('/nums.txt', {}, 'HEAD')).headers['content-length'], '9');
    });
  });
});

describe('while a file is sent', () => {
  it('T36 a client that leaves costs no descriptor', async () => {
    const huge = join(root, 'huge.bin');
    writeFileSync(huge, Buffer.alloc(20_000_000));
    const first = openDescriptors();
    for (let round = 0; round < 5; round += 1) {
      await new Promise<void>((done) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /huge.bin HTTP/1.1\r\nHost: a\r\n\r\n'));
        socket.once('data', () => {
          socket.destroy();
          done();
        });
      });
    }
    await pause(300);
    assert.ok(openDescriptors() <= first + 1);
  });

  it('T37 a file that shrinks cuts the connection instead of lying about its length', async () => {
    const shrinking = join(root, 'shrink.bin');
    writeFileSync(shrinking, Buffer.alloc(30_000_000));
    await assert.rejects(
      new Promise<void>((done, fail) => {
        const request = http.get({ port, host: '127.0.0.1', path: '/shrink.bin', agent: false }, (response) => {
          response.once('data', () => {
            response.pause();
            truncateSync(shrinking, 1000);
            setTimeout(() => response.resume(), 100);
          });
          response.on('end', done).on('error', fail);
        });
        request.on('error', fail);
      }),
      { code: 'ECONNRESET' },
    );
  });
});
