import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, it, mock } from 'node:test';
import { BodyBudget, BudgetShare } from '../../../src/body/body-budget.js';
import { DiskStore, MemoryStore } from '../../../src/body/upload-store.js';
import { emptyFolder, multipart, temporaryFolders } from './body-server.js';
import { readMultipart } from './multipart-read.js';

const file = (...chunks: string[]): Readable =>
  Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );

describe('files in memory', () => {
  it('are whole, in a buffer of their own', async () => {
    const store = new MemoryStore(new BudgetShare(undefined));
    const chunk = Buffer.alloc(64 * 1024, 'a');
    const stored = await store.store(Readable.from([chunk], { objectMode: false }));
    assert.equal(stored.size, chunk.length);
    assert.deepEqual(stored.buffer, chunk);
    assert.notEqual(stored.buffer.buffer, chunk.buffer);
  });

  it('T82 are refused when the budget is used up', async () => {
    const store = new MemoryStore(new BudgetShare(new BodyBudget(5)));
    await assert.rejects(store.store(file('1234', '5678')), { code: 'BODY_TOO_LARGE' });
  });

  it('a file that is cut is BODY_TRUNCATED', async () => {
    const source = new PassThrough();
    const storing = new MemoryStore(new BudgetShare(undefined)).store(source);
    source.write('half');
    source.destroy();
    await assert.rejects(storing, { code: 'BODY_TRUNCATED' });
  });
});

describe('files on disk', () => {
  it('lie in one temporary folder a request, which only this user may read', async () => {
    const store = new DiskStore('');
    const [first, second] = await Promise.all([store.store(file('one'), 'a.txt'), store.store(file('two'), 'a.txt')]);
    assert.equal(fs.readFileSync(first.path ?? '', 'utf8'), 'one');
    assert.equal(fs.readFileSync(second.path ?? '', 'utf8'), 'two');
    const [folder, ...others] = temporaryFolders();
    assert.deepEqual(others, []);
    assert.equal(fs.statSync(join(fs.realpathSync(`${first.path}/..`))).mode & 0o777, 0o700);
    assert.match(first.path ?? '', new RegExp(folder ?? 'none'));
    await store.keep();
    await store.remove();
    assert.deepEqual(temporaryFolders(), []);
  });

  it('appear in a user folder only when the whole request has arrived', async () => {
    const folder = join(emptyFolder(), 'made', 'when missing');
    const store = new DiskStore(folder);
    const stored = await store.store(file('bytes'), 'a.txt');
    const [staging, ...rest] = await readdir(folder);
    assert.match(staging ?? '', /^\.node-red-http-server-/);
    assert.deepEqual(rest, []);
    await store.keep();
    const [name, ...others] = await readdir(folder);
    assert.deepEqual(others, []);
    assert.equal(stored.path, join(folder, name ?? ''));
    assert.match(name ?? '', /^a-[\da-f]{16}\.txt$/);
  });

  it('never overwrite a file that is there', async () => {
    const folder = emptyFolder();
    await writeFile(join(folder, 'a.txt'), 'mine');
    for (let round = 0; round < 3; round++) {
      const store = new DiskStore(folder);
      await store.store(file('theirs'), 'a.txt');
      await store.keep();
    }
    assert.equal((await readdir(folder)).length, 4);
    assert.equal(fs.readFileSync(join(folder, 'a.txt'), 'utf8'), 'mine');
  });

  it('are removed half-written', async () => {
    const folder = emptyFolder();
    const store = new DiskStore(folder);
    const source = new PassThrough();
    const storing = store.store(source, 'a.txt');
    source.write('half');
    const removed = assert.rejects(storing, { code: 'BODY_TRUNCATED' });
    await store.remove();
    await removed;
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(store.store(file('late'), 'b.txt'), { code: 'BODY_TRUNCATED' });
    assert.deepEqual(await readdir(folder), []);
  });

  it('that have taken their places go back out when a later one cannot', async () => {
    const folder = emptyFolder();
    const store = new DiskStore(folder);
    await store.store(file('one'), 'a.txt');
    await store.store(file('two'), 'b.txt');
    const [staging = ''] = await readdir(folder);
    const second = (await readdir(join(folder, staging))).find((name) => name.startsWith('b-')) ?? '';
    fs.rmSync(join(folder, staging, second));
    await assert.rejects(store.keep(), { code: 'STORAGE_UNAVAILABLE' });
    await store.remove();
    assert.deepEqual(await readdir(folder), []);
  });
});

/** Lets the file system fail with a code: when a file is opened, or after so many bytes of one. */
function failDisk(code: string, at: 'open' | 'write'): void {
  const { createWriteStream } = fs;
  const failure = Object.assign(new Error(`${code}: no luck at /secret/place`), { code });
  const broken = {
    open: (...args: unknown[]): void => (args.at(-1) as (error: Error) => void)(failure),
    write: (...args: unknown[]): void => (args.at(-1) as (error: Error) => void)(failure),
    writev: (...args: unknown[]): void => (args.at(-1) as (error: Error) => void)(failure),
  };
  mock.method(fs, 'createWriteStream', ((path: string, options: object) =>
    createWriteStream(path, {
      ...options,
      fs: at === 'open' ? { ...fs, open: broken.open } : { ...fs, write: broken.write, writev: broken.writev },
    })) as typeof createWriteStream);
}

describe('T29 a disk that fails', () => {
  afterEach(() => mock.restoreAll());
  const bytes = multipart([
    { name: 'f', filename: 'a.bin', data: Buffer.alloc(100_000) },
    { name: 'g', filename: 'b.bin', data: Buffer.alloc(100_000) },
  ]);
  const failures = [
    ['ENOSPC', 'write', 'STORAGE_FULL', 507],
    ['EDQUOT', 'write', 'STORAGE_FULL', 507],
    ['EACCES', 'open', 'STORAGE_UNAVAILABLE', 503],
    ['EROFS', 'open', 'STORAGE_UNAVAILABLE', 503],
    ['EMFILE', 'open', 'STORAGE_UNAVAILABLE', 503],
    ['EIO', 'write', 'STORAGE_UNAVAILABLE', 503],
  ] as const;
  for (const [system, at, code, status] of failures)
    for (const kind of ['temporary', 'user'] as const)
      it(`${system} in a ${kind} folder is ${status}, nothing is left, and the next upload works`, async () => {
        const uploadDir = kind === 'user' ? emptyFolder() : '';
        failDisk(system, at);
        await assert.rejects(readMultipart([bytes], { upload: 'disk', uploadDir }), (error: Error) => {
          assert.equal((error as { code?: string }).code, code);
          assert.equal((error as { status?: number }).status, status);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        });
        assert.deepEqual(temporaryFolders(), []);
        if (uploadDir) assert.deepEqual(await readdir(uploadDir), []);
        mock.restoreAll();
        const parsed = await readMultipart([bytes], { upload: 'disk', uploadDir });
        assert.equal(parsed.files?.length, 2);
        await parsed.discard();
      });

  it('a folder that cannot be made is 503', async () => {
    const folder = emptyFolder();
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(readMultipart([bytes], { upload: 'disk', uploadDir: join(folder, 'file', 'below') }), {
      code: 'STORAGE_UNAVAILABLE',
      status: 503,
    });
  });
});
