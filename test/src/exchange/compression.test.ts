import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type OutgoingHttpHeaders, get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { ChunkedAnswer, prepareHead, sendFile, sendStream } from '../../../src/index.js';
import type { Exchange } from '../../../src/index.js';
import { RawClient, type RawResponse, ask, get, requestText } from '../../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../../support/test-server.js';

const text = 'All work and no play makes a dull page. '.repeat(200);
const folder = mkdtempSync(join(tmpdir(), 'compression-'));
writeFileSync(join(folder, 'page.html'), text);
writeFileSync(join(folder, 'large.txt'), text.repeat(50));
writeFileSync(join(folder, 'ready.css'), text);
writeFileSync(join(folder, 'ready.css.gz'), zlib.gzipSync('made before'));
after(() => rmSync(folder, { recursive: true }));

let server: TestServer;
let handle: (exchange: Exchange) => void = () => undefined;

before(async () => {
  server = await startServer((exchange) => handle(exchange), { compression: true, rootPath: folder });
});
after(() => server.stop());

function plain(response: RawResponse): string {
  switch (response.get('content-encoding')) {
    case 'br':
      return zlib.brotliDecompressSync(response.body).toString();
    case 'gzip':
      return zlib.gunzipSync(response.body).toString();
    default:
      return response.text;
  }
}

/** The answer to a GET whose flow sends this body with these headers. */
async function answerTo(
  send: (exchange: Exchange) => void,
  accept = 'gzip',
  ...headers: string[]
): Promise<RawResponse> {
  handle = send;
  return ask(server.port, get('/', ...(accept === '' ? [] : [`Accept-Encoding: ${accept}`]), ...headers));
}

const sends =
  (body: unknown, headers: OutgoingHttpHeaders = {}) =>
  ({ response }: Exchange): void => {
    response.set(headers).send(body);
  };

describe('Compression of an answer', () => {
  it('uses what the client likes best, Brotli where both are alike', async () => {
    for (const [accept, coding] of [
      ['gzip', 'gzip'],
      ['br', 'br'],
      ['gzip, deflate, br', 'br'],
      ['br;q=0.1, gzip', 'gzip'],
      ['*', 'br'],
      ['GZIP', 'gzip'],
    ]) {
      const answer = await answerTo(sends(text), accept);
      assert.equal(answer.get('content-encoding'), coding, accept);
      assert.equal(plain(answer), text);
      assert.ok(answer.body.length < text.length / 10);
      assert.equal(answer.get('vary'), 'Accept-Encoding');
      assert.equal(answer.get('content-length'), undefined);
    }
  });

  it('leaves the answer plain for a client that takes no coding, and says that others get another', async () => {
    for (const accept of ['', 'identity', 'gzip;q=0, br;q=0', 'deflate', '*;q=0']) {
      const answer = await answerTo(sends(text), accept);
      assert.equal(answer.get('content-encoding'), undefined, accept);
      assert.equal(answer.get('vary'), 'Accept-Encoding');
      assert.equal(Number(answer.get('content-length')), text.length);
      assert.equal(answer.text, text);
    }
  });

  it('begins over 1 KiB', async () => {
    assert.equal((await answerTo(sends('x'.repeat(1024)))).get('content-encoding'), undefined);
    assert.equal((await answerTo(sends('x'.repeat(1024)))).get('vary'), undefined);
    assert.equal((await answerTo(sends('x'.repeat(1025)))).get('content-encoding'), 'gzip');
  });

  for (const type of [
    'text/html; charset=utf-8',
    'text/css',
    'application/json',
    'application/problem+json; charset=utf-8',
    'application/javascript',
    'image/svg+xml',
    'application/xhtml+xml',
    'application/wasm',
    'font/ttf',
  ])
    it(`takes ${type}`, async () => {
      assert.equal((await answerTo(sends(text, { 'Content-Type': type }))).get('content-encoding'), 'gzip');
    });

  for (const type of [
    'image/png',
    'image/jpeg',
    'video/mp4',
    'application/zip',
    'application/octet-stream',
    'application/gzip',
    'font/woff2',
    'text/event-stream',
    'application/jsonish',
  ])
    it(`leaves ${type} alone`, async () => {
      const answer = await answerTo(sends(text, { 'Content-Type': type }));
      assert.equal(answer.get('content-encoding'), undefined);
      assert.equal(answer.get('vary'), undefined);
      assert.equal(answer.text, text);
    });

  it('leaves alone what is coded already and what may not be transformed', async () => {
    const coded = zlib.gzipSync(randomBytes(4000));
    const answer = await answerTo(sends(coded, { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain' }));
    assert.deepEqual(answer.body, coded);
    const kept = await answerTo(sends(text, { 'Cache-Control': 'public, no-transform' }));
    assert.equal(kept.text, text);
  });

  it('makes a strong ETag weak, keeps a weak one, and takes Accept-Ranges away', async () => {
    const strong = await answerTo(sends(text, { ETag: '"a"', 'Accept-Ranges': 'bytes' }));
    assert.equal(strong.get('etag'), 'W/"a"');
    assert.equal(strong.get('accept-ranges'), undefined);
    assert.equal((await answerTo(sends(text, { ETag: 'W/"a"' }))).get('etag'), 'W/"a"');
    assert.equal((await answerTo(sends(text, { ETag: '"a"' }), 'identity')).get('etag'), '"a"');
  });

  it('adds itself to a Vary of the flow', async () => {
    assert.equal((await answerTo(sends(text, { Vary: 'Origin' }))).get('vary'), 'Origin, Accept-Encoding');
    assert.equal((await answerTo(sends(text, { Vary: '*' }))).get('vary'), '*');
  });

  it('gives HEAD the headers of GET and no body', async () => {
    const client = await RawClient.open(server.port);
    handle = sends(text, { ETag: '"a"' });
    const head = await client.send(requestText('HEAD', '/', ['Accept-Encoding: gzip'])).response({ head: true });
    const whole = await client.send(get('/', 'Accept-Encoding: gzip')).response();
    const kept = (answer: RawResponse): unknown =>
      answer.headers.filter(([name]) => !['date', 'transfer-encoding'].includes(name.toLowerCase()));
    assert.deepEqual(kept(head), kept(whole));
    client.destroy();
  });

  it('leaves statuses without a body alone', async () => {
    for (const status of [204, 304]) {
      const answer = await answerTo(({ response }) => {
        response.statusCode = status;
        response.set('Content-Type', 'text/html').send(text);
      });
      assert.equal(answer.get('content-encoding'), undefined);
    }
  });

  it('takes what is written by hand: writeHead with headers, several writes, end with a callback', async () => {
    let finished = false;
    const answer = await answerTo(({ response }) => {
      response.writeHead(201, 'Made', { 'Content-Type': 'text/plain', 'Content-Length': text.length });
      response.write(text.slice(0, 100));
      response.write(Buffer.from(text.slice(100, 200)));
      response.end(text.slice(200), () => {
        finished = true;
      });
    });
    assert.deepEqual([answer.status, answer.reason, answer.get('content-encoding')], [201, 'Made', 'gzip']);
    assert.equal(plain(answer), text);
    await eventually('the callback', () => finished);
  });

  it('leaves an answer with a list of raw header lines as it is', async () => {
    const answer = await answerTo(({ response }) => {
      response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Encoding', 'x-own']);
      response.end(text);
    });
    assert.equal(answer.get('content-encoding'), 'x-own');
    assert.equal(answer.text, text);
  });

  it('works without an announced length for a client of HTTP/1.0', async () => {
    handle = sends(text);
    const answer = await ask(server.port, 'GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
    assert.equal(answer.chunks, undefined);
    assert.equal(plain(answer), text);
  });

  it('refuses a second answer as ever, and counts the first as sent', async () => {
    let second: unknown;
    const answer = await answerTo(({ response }) => {
      response.send(text);
      try {
        response.send('again');
      } catch (error) {
        second = (error as { code?: string }).code;
      }
    });
    assert.equal(plain(answer), text);
    assert.equal(second, 'ALREADY_ANSWERED');
  });
});

describe('Compression of a stream', () => {
  it('carries a stream of any length, no faster than the client reads', async () => {
    let pulled = 0;
    const source = (function* () {
      for (; pulled < 400; pulled += 1) yield randomBytes(48 * 1024).toString('base64');
    })();
    handle = ({ response }) => {
      void sendStream(response, prepareHead(200, undefined, { 'Content-Type': 'text/plain' }), source).catch(
        () => undefined,
      );
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpGet(server.url, { headers: { 'Accept-Encoding': 'gzip' } }, resolve).on('error', reject);
    });
    let before = -1;
    await eventually('the source to wait', () => {
      const isStill = pulled > 0 && pulled === before;
      before = pulled;
      return isStill;
    });
    assert.ok(pulled < 400, 'the source was not drained into memory');
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    assert.equal(zlib.gunzipSync(Buffer.concat(pieces)).length, 400 * 64 * 1024);
  });

  it('hands each message of a chunked answer on at once', async () => {
    let answer: ChunkedAnswer | undefined;
    handle = ({ response }) => {
      answer = ChunkedAnswer.of(response, () => prepareHead(200, undefined, { 'Content-Type': 'text/plain' }));
      void answer?.write('first', false);
    };
    for (const coding of ['gzip', 'br'] as const) {
      const client = await RawClient.open(server.port);
      client.send(get('/', `Accept-Encoding: ${coding}`));
      const inflate = coding === 'gzip' ? zlib.createGunzip() : zlib.createBrotliDecompress();
      let seen = '';
      inflate.on('data', (piece: Buffer) => {
        seen += piece.toString();
      });
      let fed = 0;
      const feed = (): void => {
        const raw = client.received;
        let at = raw.indexOf('\r\n\r\n') + 4;
        // Chunks: size, data; only those that are whole.
        let whole = Buffer.alloc(0);
        for (;;) {
          const end = raw.indexOf('\r\n', at);
          const size = Number.parseInt(raw.slice(at, end), 16);
          if (end < 0 || !(size > 0) || raw.length < end + 2 + size) break;
          whole = Buffer.concat([whole, Buffer.from(raw.slice(end + 2, end + 2 + size), 'latin1')]);
          at = end + 2 + size + 2;
        }
        inflate.write(whole.subarray(fed));
        fed = whole.length;
      };
      await eventually('the first part', () => (feed(), seen === 'first'));
      await answer?.write('second', false);
      await eventually('the second part', () => (feed(), seen === 'firstsecond'));
      await answer?.write(undefined, true);
      await eventually('the end', () => client.received.endsWith('0\r\n\r\n'));
      client.destroy();
      inflate.destroy();
    }
  });

  it('ends with the client: the source stops and nothing is kept', async () => {
    const source = new Readable({ read: () => source.push('x'.repeat(1000)) });
    handle = ({ response }) => {
      response.setHeader('Content-Type', 'text/plain');
      source.pipe(response);
      response.on('close', () => source.destroy());
    };
    const client = await RawClient.open(server.port);
    client.send(get('/', 'Accept-Encoding: gzip'));
    await client.until((pending) => pending.length > 500);
    client.destroy();
    await eventually('the end of the source', () => source.destroyed);
    await eventually('the end of the exchange', () => server.server.counts.requests === 0);
  });
});

describe('Compression of files', () => {
  const file = (name: string, ...headers: string[]): Promise<RawResponse> =>
    answerTo(
      ({ request, response }) => {
        sendFile(request, response, { root: folder, filename: name }).catch(() => response.destroy());
      },
      'gzip',
      ...headers,
    );

  it('compresses what has no neighbour, and a conditional request still gets its 304', async () => {
    for (const name of ['page.html', 'large.txt']) {
      const answer = await file(name);
      assert.equal(answer.get('content-encoding'), 'gzip');
      assert.match(answer.get('etag') ?? '', /^W\//);
      assert.equal(plain(answer).slice(0, text.length), text);
      const again = await file(name, `If-None-Match: ${answer.get('etag') ?? ''}`);
      assert.equal(again.status, 304);
      assert.equal(again.get('etag'), answer.get('etag'));
      assert.equal(again.get('vary'), 'Accept-Encoding');
    }
  });

  it('serves the neighbour where there is one', async () => {
    const answer = await file('ready.css');
    assert.equal(plain(answer), 'made before');
  });

  it('leaves ranges as they are: bytes of the plain file', async () => {
    const answer = await file('page.html', 'Range: bytes=4-7');
    assert.deepEqual([answer.status, answer.text, answer.get('content-encoding')], [206, 'work', undefined]);
  });

  it('never combines a compressed copy with a range of the plain file', async () => {
    const etag = (await file('page.html')).get('etag') ?? '';
    assert.equal((await file('page.html', 'Range: bytes=4-7', `If-Range: ${etag}`)).status, 200);
  });
});

describe('Compression off', () => {
  it('changes nothing', async (t) => {
    const off = await startServer(sends(text));
    t.after(() => off.stop());
    const answer = await ask(off.port, get('/', 'Accept-Encoding: gzip, br'));
    assert.deepEqual([answer.get('content-encoding'), answer.get('vary')], [undefined, undefined]);
    assert.equal(answer.text, text);
  });
});
