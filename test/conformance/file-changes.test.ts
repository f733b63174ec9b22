/** Files that change, grow, shrink or vanish between two requests and while one is being answered. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { RawClient, ask, get } from '../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../support/test-server.js';

const root = mkdtempSync(join(tmpdir(), 'file-changes-'));
const large = join(root, 'large.bin');
const size = 24 * 1024 * 1024;

let server: TestServer;
before(async () => {
  server = await startServer([], { rootPath: root });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

/** Descriptors of this process that point below the root. */
const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** Asks for the large file, waits for its first bytes, changes it, and reads on to the end. */
async function whileSent(change: () => void): Promise<{ head: string; length: number; isWhole: boolean }> {
  const client = await RawClient.open(server.port);
  let received = 0;
  client.socket.removeAllListeners('data');
  let head = '';
  client.socket.on('data', (chunk: Buffer) => {
    if (head === '') {
      head = chunk.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      received -= head.length + 4;
    }
    received += chunk.length;
  });
  client.send(get('/large.bin', 'Connection: close'));
  await eventually('the first bytes', () => received > 0);
  client.socket.pause();
  change();
  client.socket.resume();
  await client.closed();
  client.destroy();
  return { head, length: received, isWhole: received === Number(/content-length: (\d+)/i.exec(head)?.[1]) };
}

describe('While a file is sent', () => {
  beforeEach(() => {
    writeFileSync(large, Buffer.alloc(size, 'x'));
  });

  it('T37 it may grow: the client gets what was announced, and no byte more', async () => {
    const { length, isWhole } = await whileSent(() => appendFileSync(large, Buffer.alloc(1024 * 1024, 'y')));
    assert.deepEqual([length, isWhole], [size, true]);
  });

  it('T37 it may shrink: the connection is cut, the client can tell', async () => {
    const { length, isWhole } = await whileSent(() => truncateSync(large, 1000));
    assert.equal(isWhole, false);
    assert.ok(length < size);
  });

  it('T37 it may vanish: the client gets it whole', async () => {
    const { isWhole } = await whileSent(() => unlinkSync(large));
    assert.ok(isWhole);
  });

  it('T37 it may be replaced: the client gets the old one whole', async () => {
    const next = join(root, 'next.bin');
    writeFileSync(next, 'the next one');
    const { isWhole } = await whileSent(() => renameSync(next, large));
    assert.ok(isWhole);
    assert.equal((await ask(server.port, get('/large.bin'))).text, 'the next one');
  });

  it('T36 no descriptor is left of any of it, nor of clients that leave', async () => {
    const before = openFiles();
    for (let count = 0; count < 20; count += 1) {
      const client = await RawClient.open(server.port);
      client.send(get('/large.bin'));
      await client.until((pending) => pending.length > 0);
      client.destroy();
    }
    await eventually('the end of all', () => server.server.counts.connections === 0 && openFiles() <= before);
  });
});

describe('Between two requests', () => {
  const path = join(root, 'page.txt');
  const text = async (): Promise<string> => (await ask(server.port, get('/page.txt'))).text;
  /** A small file is served from memory for half a second at most. */
  const settles = async (expected: string): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while ((await text()) !== expected) assert.ok(Date.now() < deadline, `still ${await text()}`);
  };

  it('a file that changes is seen, with a tag of its own', async () => {
    writeFileSync(path, 'one');
    const first = await ask(server.port, get('/page.txt'));
    writeFileSync(path, 'two');
    await settles('two');
    const second = await ask(server.port, get('/page.txt'));
    assert.notEqual(second.get('etag'), first.get('etag'));
    const again = await ask(server.port, get('/page.txt', `If-None-Match: ${first.get('etag') ?? ''}`));
    assert.equal(again.status, 200);
  });

  it('a change of the same length and second is seen all the same', async () => {
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    await settles('two');
    writeFileSync(path, 'six');
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    await settles('six');
  });

  it('a file that goes is gone, and one that comes is there', async () => {
    unlinkSync(path);
    await settles('File not found');
    writeFileSync(path, 'back');
    await settles('back');
  });

  it('T33 a file that becomes a link out of the root is gone', async () => {
    unlinkSync(path);
    symlinkSync('/etc/hostname', path);
    await settles('File not found');
    unlinkSync(path);
  });

  it('a file that becomes a folder redirects to its slash', async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'index.html'), 'index');
    const deadline = Date.now() + 10_000;
    while ((await ask(server.port, get('/page.txt'))).status !== 301) assert.ok(Date.now() < deadline);
    assert.equal((await ask(server.port, get('/page.txt/'))).text, 'index');
    rmSync(path, { recursive: true });
  });

  it('a file nobody may read is not there', async (t) => {
    if (process.getuid?.() === 0) t.diagnostic('as root every file can be read');
    writeFileSync(path, 'private');
    chmodSync(path, 0);
    const { status } = await ask(server.port, get('/page.txt'));
    assert.equal(status, process.getuid?.() === 0 ? 200 : 404);
  });

  it('a root that is moved away and back: 404 meanwhile, no error', async () => {
    const away = `${root}-away`;
    renameSync(root, away);
    const deadline = Date.now() + 10_000;
    while ((await ask(server.port, get('/page.txt'))).status !== 404) assert.ok(Date.now() < deadline);
    renameSync(away, root);
    await settles(process.getuid?.() === 0 ? 'private' : 'File not found');
  });
});
