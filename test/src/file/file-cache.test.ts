import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type CachedFile, FileCache, cacheLimits } from '../../../src/file/file-cache.js';
import { eventually } from '../../support/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'file-cache-'));
const path = join(folder, 'a');
writeFileSync(path, 'text');
after(() => rmSync(folder, { recursive: true }));

const fileOf = (size: number): CachedFile => ({
  body: Buffer.alloc(size),
  stats: statSync(path),
  validators: { etag: '"a"', lastModified: '' },
  path,
  encoding: '',
});

describe('The cache of small files', () => {
  it('serves a file without a look at the disk for a moment, then asks for one', async () => {
    const cache = new FileCache();
    const file = fileOf(4);
    cache.set('a', file);
    assert.equal(cache.fresh('a'), file);
    assert.equal(cache.fresh('b'), undefined);
    await eventually('the end of its freshness', () => cache.fresh('a') === undefined);
    assert.equal(cache.confirm('a', statSync(path)), file);
    assert.equal(cache.fresh('a'), file, 'confirmed, it is fresh again');
  });

  it('forgets a file that has changed', () => {
    const cache = new FileCache();
    cache.set('a', fileOf(4));
    utimesSync(path, 1_000_000, 1_000_000);
    assert.equal(cache.confirm('a', statSync(path)), undefined);
    assert.equal(cache.fresh('a'), undefined);
    assert.equal(cache.confirm('a', statSync(path)), undefined);
  });

  it('takes no file beyond its size', () => {
    const cache = new FileCache();
    cache.set('a', fileOf(cacheLimits.fileSize));
    cache.set('b', fileOf(cacheLimits.fileSize + 1));
    assert.ok(cache.fresh('a'));
    assert.equal(cache.fresh('b'), undefined);
    cache.set('a', fileOf(cacheLimits.fileSize + 1));
    assert.equal(cache.fresh('a'), undefined, 'nor the old in place of the new');
  });

  it('holds so many bytes and files; the least recently used go first', () => {
    const bytes = new FileCache();
    const most = cacheLimits.bytes / cacheLimits.fileSize;
    for (let index = 0; index <= most; index += 1) bytes.set(String(index), fileOf(cacheLimits.fileSize));
    assert.equal(bytes.fresh('0'), undefined);
    assert.ok(bytes.fresh('1') && bytes.fresh(String(most)));
    const files = new FileCache();
    for (let index = 0; index < cacheLimits.files; index += 1) files.set(String(index), fileOf(1));
    files.confirm('0', statSync(path));
    files.set('new', fileOf(1));
    assert.ok(files.fresh('0'), 'used a moment ago');
    assert.equal(files.fresh('1'), undefined);
  });

  it('counts a replaced file once', () => {
    const cache = new FileCache();
    for (let index = 0; index < 1000; index += 1) cache.set('same', fileOf(cacheLimits.fileSize));
    cache.set('other', fileOf(cacheLimits.fileSize));
    assert.ok(cache.fresh('same') && cache.fresh('other'));
  });
});
