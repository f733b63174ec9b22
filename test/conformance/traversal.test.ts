import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { claimAnswer, releaseAnswer, requestedFile, sendError, sendFile, serverFiles } from '../../src/index.js';
import type { Exchange } from '../../src/index.js';
import { RawClient, ask, get } from '../support/raw-client.js';
import { type TestServer, startServer } from '../support/test-server.js';

/** What no answer may contain: text of files outside the root, of the machine or of ours. */
const outside = /OUTSIDE|root:[^:]*:0:0:|\[fonts\]/;

const top = mkdtempSync(join(tmpdir(), 'traversal-'));
const root = join(top, 'a', 'b', 'root');
mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
mkdirSync(join(top, 'a', 'b', 'root-of-another'));
for (const folder of [top, join(top, 'a'), join(top, 'a', 'b'), join(top, 'a', 'b', 'root-of-another')])
  writeFileSync(join(folder, 'secret.txt'), 'OUTSIDE');
writeFileSync(join(root, 'index.html'), 'inside');
writeFileSync(join(root, 'sub', 'a.txt'), 'inside');
writeFileSync(join(root, '.env'), 'OUTSIDE, for it is hidden');
mkdirSync(join(root, '.git'));
writeFileSync(join(root, '.git', 'config'), 'OUTSIDE, for it is hidden');
symlinkSync(join(top, 'secret.txt'), join(root, 'link.txt'));
symlinkSync(top, join(root, 'up'));
symlinkSync('/etc', join(root, 'etc'));
symlinkSync('../../secret.txt', join(root, 'sub', 'relative.txt'));
symlinkSync(join(root, 'sub', 'first'), join(root, 'sub', 'second'));
symlinkSync(join(root, 'sub', 'second'), join(root, 'sub', 'first'));
symlinkSync(join(top, 'a', 'b', 'root-of-another'), join(root, 'neighbour'));

/** A file by the rules of `file-response`: of the wildcard, or of a name that a flow took from the query. */
function serve({ request, response }: Exchange, filename?: string): void {
  const name = filename === undefined ? requestedFile(request) : { filename };
  if (!claimAnswer(response)) return;
  sendFile(request, response, { ...serverFiles(request, undefined), ...name }).catch((error: unknown) => {
    releaseAnswer(response);
    sendError(response, error);
  });
}

let server: TestServer;
before(async () => {
  server = await startServer(
    [
      { path: '/w/*', handle: (exchange) => serve(exchange) },
      { path: '/q', handle: (exchange) => serve(exchange, String(exchange.request.query.f)) },
    ],
    { rootPath: root },
  );
});
after(async () => {
  await server.stop();
  rmSync(top, { recursive: true });
});

const dots = [
  '..',
  '%2e%2e',
  '.%2e',
  '%2E.',
  '%252e%252e',
  '%25252e%25252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%f0%80%80%ae%f0%80%80%ae',
  '%uff0e%uff0e',
  '%EF%BC%8E%EF%BC%8E',
  '%E2%80%A5',
  '..;',
  '..;a=b',
  '...',
  '....',
  '..%00',
  '.%00.',
  '..%20',
  '..%09',
  '%20..',
  '..%0d%0a',
  '..%c1%1c',
  '.%2e%2f.',
];
const slashes = [
  '/',
  '//',
  '/./',
  '%2f',
  '%2F%2F',
  '%252f',
  '%25252f',
  '\\',
  '%5c',
  '%255c',
  '%c0%af',
  '%e0%80%af',
  '%c1%9c',
  '%c0%5c',
  '%u2215',
  '%u2216',
  '%E2%88%95',
  '%bg%qf',
  ';/',
  '/;/',
  '/%20/',
];
const targets = ['secret.txt', 'etc/passwd', 'root-of-another/secret.txt'];
const depths = [1, 2, 3, 9];

/** Every combination of a dot-dot, a separator, a depth, a target and a place to begin. */
function* combinations(): Generator<string> {
  for (const dot of dots)
    for (const slash of slashes)
      for (const depth of depths) {
        const climb = `${dot}${slash}`.repeat(depth);
        for (const target of targets) yield climb + target.replaceAll('/', slash);
        yield `sub${slash}${climb}secret.txt`;
        yield `${climb}secret.txt%00.html`;
      }
}

/** Addresses sent at once on one connection. */
const perConnection = 50;

/** Sends all addresses, some at a time on a connection of their own, and looks at each answer. */
async function probe(addresses: readonly string[]): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let first = 0; first < addresses.length; first += perConnection) {
    const batch = addresses.slice(first, first + perConnection);
    const client = await RawClient.open(server.port);
    client.send(batch.map((address) => get(address)).join(''));
    for (const [index, answer] of (await client.responses(batch.length)).entries()) {
      const address = batch[index] ?? '';
      assert.doesNotMatch(answer.text, outside, address);
      assert.ok([200, 301, 400, 403, 404].includes(answer.status), `${answer.status} for ${address}`);
      assert.ok(answer.status !== 301 || /^\/[^/\\]/.test(answer.get('location') ?? ''), address);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    client.destroy();
  }
  return statuses;
}

describe('T31 no address leads out of the root folder, and none to an error of the server', () => {
  const all = [...new Set(combinations())];

  it(`of ${all.length} combinations below the root folder of the server`, async () => {
    const statuses = await probe(all.map((path) => `/${path}`));
    assert.equal(statuses.get(200), undefined, 'nothing of this is a file inside either');
    assert.ok((statuses.get(403) ?? 0) > 500 && (statuses.get(400) ?? 0) > 500 && (statuses.get(404) ?? 0) > 500);
  });

  it('of a third of them below a wildcard', async () => {
    await probe(all.filter((_, index) => index % 3 === 0).map((path) => `/w/${path}`));
  });

  it('of a third of them as a name the flow takes from the query', async () => {
    await probe(all.filter((_, index) => index % 3 === 1).map((path) => `/q?f=${path}`));
  });

  it('of absolute names, drives, devices and names of other systems', async () => {
    const names = [
      '/etc/passwd',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/file:///etc/passwd',
      '/proc/self/environ',
      '/C:/Windows/win.ini',
      '/C:%5cWindows%5cwin.ini',
      '/%5c%5c127.0.0.1%5cshare',
      '/CON',
      '/aux.txt',
      '/index.html::$DATA',
      '/index.html.',
      '/index.html%20',
      '/index.html/',
      '/index.html/../../secret.txt',
      '/index.html%2f..%2f..%2fsecret.txt',
      '/~root',
      '/sub/deep',
      `/${'a/'.repeat(500)}`,
      `/${'a'.repeat(300)}`,
      `/${'../'.repeat(2000)}etc/passwd`,
      '/%',
      '/%2',
      '/%zz',
      '/%00',
      '/sub/%00/../../../secret.txt',
    ];
    for (const door of ['', '/w', '/q?f='])
      await probe(names.map((name) => `${door}${door.startsWith('/q') ? name.replaceAll('/', '%2f') : name}`));
  });

  it('T33 of symbolic links, however they are reached', async () => {
    const links = [
      '/link.txt',
      '/up/secret.txt',
      '/up/a/b/root/index.html/',
      '/etc/passwd',
      '/sub/relative.txt',
      '/sub/first',
      '/neighbour/secret.txt',
      '/neighbour/',
      '/up',
      '/./link.txt',
      '/%6cink.txt',
    ];
    for (const door of ['', '/w', '/q?f=']) {
      const statuses = await probe(links.map((name) => `${door}${name}`));
      assert.equal(statuses.get(200), undefined);
    }
  });

  it('T32 of hidden files', async () => {
    for (const name of [
      '/.env',
      '/.git/config',
      '/.git/',
      '/.git',
      '/sub/../.env',
      '/%2eenv',
      '/.%65nv',
      '/./.env',
      '//.env',
    ])
      for (const door of ['', '/w', '/q?f=']) {
        const answer = await ask(server.port, get(`${door}${name}`));
        assert.doesNotMatch(answer.text, outside);
        assert.ok([403, 404].includes(answer.status), `${answer.status} for ${door}${name}`);
      }
  });

  it('while a file inside is served by every door', async () => {
    for (const address of ['/sub/a.txt', '/sub/%61.txt', '/w/sub/a.txt', '/q?f=sub/a.txt'])
      assert.equal((await ask(server.port, get(address))).text, 'inside', address);
  });
});
