/** Which form of an answer a client gets by what it says it takes (RFC 9110 12.4, 12.5). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { acceptedEncodings, parseQualityList, prefers } from '../../src/http/header.js';
import { type RawResponse, ask, get } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

const root = mkdtempSync(join(tmpdir(), 'negotiation-'));
writeFileSync(join(root, 'both.txt'), 'plain');
writeFileSync(join(root, 'both.txt.br'), zlib.brotliCompressSync(Buffer.from('brotli')));
writeFileSync(join(root, 'both.txt.gz'), zlib.gzipSync('gzip'));
writeFileSync(join(root, 'gz.txt'), 'plain');
writeFileSync(join(root, 'gz.txt.gz'), zlib.gzipSync('gzip'));
writeFileSync(join(root, 'none.txt'), 'plain');

let server: TestServer;
before(async () => {
  server = await startServer([], { rootPath: root });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const ok = (path: string, ...headers: string[]): Promise<RawResponse> => ask(server.port, get(path, ...headers));

describe('An error is JSON for who prefers it, else text', () => {
  for (const [accept, type] of [
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    ['text/html', 'text'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'text'],
    ['application/json', 'json'],
    ['APPLICATION/JSON', 'json'],
    ['application/json, text/plain, */*', 'text'],
    ['application/json;q=1, text/plain;q=0.9', 'json'],
    ['application/json;q=0.9, text/plain', 'text'],
    ['application/json;q=0, */*', 'text'],
    ['text/*;q=0.5, application/json;q=0.6', 'json'],
    ['text/*, application/json;q=0.6', 'text'],
    ['application/*', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['text/plain;q=0, application/json;q=0.1', 'json'],
    ['image/png', 'text'],
    ['nonsense', 'text'],
    [';;;q=,,', 'text'],
    ['application/json;q=nonsense', 'text'],
  ] as const)
    it(`Accept: ${accept}`, async () => {
      const answer = await ok('/missing', ...(accept === '' ? [] : [`Accept: ${accept}`]));
      assert.equal(answer.status, 404);
      assert.equal(answer.get('vary'), 'Accept');
      if (type === 'text') {
        assert.equal(answer.get('content-type'), 'text/plain; charset=utf-8');
        assert.equal(answer.text, 'File not found');
        return;
      }
      assert.equal(answer.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(JSON.parse(answer.text), { status: 404, error: 'File not found', code: 'FILE_NOT_FOUND' });
    });
});

describe('A file with neighbours goes out in the coding that the client likes best', () => {
  for (const [accept, both, onlyGzip] of [
    ['', 'plain', 'plain'],
    ['identity', 'plain', 'plain'],
    ['gzip', 'gzip', 'gzip'],
    ['br', 'brotli', 'plain'],
    ['gzip, br', 'brotli', 'gzip'],
    ['gzip, deflate, br, zstd', 'brotli', 'gzip'],
    ['GZIP, BR', 'brotli', 'gzip'],
    ['gzip;q=1.0, br;q=0.5', 'gzip', 'gzip'],
    ['gzip;q=0.5, br;q=1.0', 'brotli', 'gzip'],
    ['gzip;q=0, br', 'brotli', 'plain'],
    ['br;q=0, gzip', 'gzip', 'gzip'],
    ['*', 'brotli', 'gzip'],
    ['*;q=0', 'plain', 'plain'],
    ['*;q=0, gzip', 'gzip', 'gzip'],
    ['br;q=0, *', 'gzip', 'gzip'],
    ['identity;q=1, gzip;q=0.5', 'plain', 'plain'],
    ['identity;q=0.5, gzip;q=1', 'gzip', 'gzip'],
    ['deflate', 'plain', 'plain'],
    ['x-gzip', 'plain', 'plain'],
    [',,gzip,,', 'gzip', 'gzip'],
    ['gzip;q=0.001', 'gzip', 'gzip'],
    ['gzip;foo=bar', 'gzip', 'gzip'],
    ['gzip;q=nonsense', 'plain', 'plain'],
  ] as const)
    it(`Accept-Encoding: ${accept}`, async () => {
      const decoded = async (path: string): Promise<string> => {
        const answer = await ok(path, ...(accept === '' ? [] : [`Accept-Encoding: ${accept}`]));
        assert.equal(answer.status, 200);
        assert.equal(answer.get('vary'), 'Accept-Encoding');
        assert.equal(answer.get('content-type'), 'text/plain; charset=utf-8');
        assert.equal(Number(answer.get('content-length')), answer.body.length);
        switch (answer.get('content-encoding')) {
          case 'br':
            return zlib.brotliDecompressSync(answer.body).toString();
          case 'gzip':
            return zlib.gunzipSync(answer.body).toString();
          default:
            return answer.text;
        }
      };
      assert.equal(await decoded('/both.txt'), both);
      assert.equal(await decoded('/gz.txt'), onlyGzip);
      assert.equal(await decoded('/none.txt'), 'plain');
    });

  it('each coding has a tag of its own, and a tag fits only its coding', async () => {
    const tags: Record<string, string> = {};
    for (const coding of ['identity', 'gzip', 'br'])
      tags[coding] = (await ok('/both.txt', `Accept-Encoding: ${coding}`)).get('etag') ?? '';
    assert.equal(new Set(Object.values(tags)).size, 3);
    for (const [asked, tag] of Object.entries(tags))
      for (const coding of Object.keys(tags))
        assert.equal(
          (await ok('/both.txt', `Accept-Encoding: ${coding}`, `If-None-Match: ${tag}`)).status,
          asked === coding ? 304 : 200,
          `${asked} as ${coding}`,
        );
  });

  it('a range is of the plain file, whatever coding the client takes', async () => {
    const answer = await ok('/both.txt', 'Accept-Encoding: br', 'Range: bytes=1-3');
    assert.deepEqual([answer.status, answer.text, answer.get('content-encoding')], [206, 'lai', undefined]);
  });

  it('a neighbour asked for by its own name is a file like any other', async () => {
    const answer = await ok('/both.txt.gz', 'Accept-Encoding: gzip');
    assert.deepEqual([answer.get('content-type'), answer.get('content-encoding')], ['application/gzip', undefined]);
    assert.equal(zlib.gunzipSync(answer.body).toString(), 'gzip');
  });
});

describe('The choice itself', () => {
  const quality = fc.constantFrom('', ';q=0', ';q=0.1', ';q=0.5', ';q=1', ';q=1.000');
  const codings = fc.array(fc.tuple(fc.constantFrom('br', 'gzip', 'identity', 'deflate', '*'), quality), {
    maxLength: 5,
  });

  it('never offers a coding the client refuses, and prefers by quality, for any header', () => {
    fc.assert(
      fc.property(codings, (list) => {
        const header = list.map(([name, q]) => `${name}${q}`).join(', ');
        const chosen = acceptedEncodings(header, ['br', 'gzip'] as const);
        const qualityOf = (name: string): number => {
          const found = list.find(([one]) => one === name) ?? list.find(([one]) => one === '*');
          return found ? Number(found[1].slice(3) || '1') : 0;
        };
        for (const name of chosen) assert.ok(qualityOf(name) > 0, `${name} of ${header}`);
        for (let index = 1; index < chosen.length; index += 1)
          assert.ok(qualityOf(chosen[index - 1] ?? '') >= qualityOf(chosen[index] ?? ''), header);
      }),
    );
  });

  it('of media types takes one of the offer or nothing, for any text', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const chosen = prefers(header, ['text/plain', 'application/json']);
        assert.ok(chosen === undefined || ['text/plain', 'application/json'].includes(chosen));
        for (const { q } of parseQualityList(header)) assert.ok(q >= 0 && q <= 1);
      }),
    );
  });

  it('is quick for a long header', () => {
    const header = Array.from({ length: 4000 }, (_, index) => `a${index};q=0.${index % 10}`).join();
    const begun = process.cpuUsage();
    assert.deepEqual(acceptedEncodings(header, ['br', 'gzip'] as const), []);
    assert.equal(prefers(header, ['text/plain']), undefined);
    const { user, system } = process.cpuUsage(begun);
    assert.ok(user + system < 1_000_000, `${user + system} µs`);
  });
});
