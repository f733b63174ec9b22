import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeListing, readListing } from '../../../src/file/listing.js';

const folder = mkdtempSync(join(tmpdir(), 'listing-'));
mkdirSync(join(folder, 'zoo'));
mkdirSync(join(folder, 'Album'));
for (const name of ['file10.txt', 'file9.txt', 'Äpfel.txt', '.hidden', 'javascript:alert(1)', '<b>&"\'.txt', 'a%2fb'])
  writeFileSync(join(folder, name), 'x');
writeFileSync(join(folder, 'big.bin'), Buffer.alloc(1536));
utimesSync(join(folder, 'big.bin'), 1_500_000_000, 1_500_000_000);
symlinkSync('/etc/passwd', join(folder, 'link'));
execFileSync('mkfifo', [join(folder, 'fifo')]);
after(() => rmSync(folder, { recursive: true }));

describe('A listing', () => {
  it('has folders first, then files, numbers in their order', async () => {
    const names = (await readListing(folder, false)).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ['Album', 'zoo']);
    assert.ok(names.indexOf('file9.txt') < names.indexOf('file10.txt'));
  });

  it('T32 T33 T34 leaves out hidden files, links and what is no file', async () => {
    const names = (await readListing(folder, false)).map(({ name }) => name);
    for (const name of ['.hidden', 'link', 'fifo']) assert.ok(!names.includes(name), name);
    assert.ok((await readListing(folder, true)).some(({ name }) => name === '.hidden'));
  });

  it('T44 escapes every name for HTML and encodes it for its link', async () => {
    const page = encodeListing(await readListing(folder, false), '/<script>/');
    assert.match(page, /Index of \/&lt;script&gt;\//);
    assert.match(page, /href="\.\/javascript%3Aalert\(1\)"/);
    assert.match(page, /href="\.\/%3Cb%3E%26%22'\.txt">&lt;b&gt;&amp;/);
    assert.match(page, /href="\.\/a%252fb"/);
    assert.match(page, /href="\.\/zoo\/">zoo\//);
    assert.doesNotMatch(page, /<b>|<script/);
  });

  it('tells sizes and times as people read them', () => {
    const page = encodeListing(
      [
        { name: 'a', isFolder: false, size: 1023, modified: 1_500_000_000_000 },
        { name: 'b', isFolder: false, size: 1536, modified: 0 },
        { name: 'c', isFolder: false, size: 20 * 1024 * 1024, modified: 0 },
        { name: 'd', isFolder: false, size: 3 * 1024 ** 4, modified: 0 },
        { name: 'e', isFolder: true, size: 4096, modified: 0 },
      ],
      '/x/',
    );
    for (const shown of ['1023 B', '1.5 KB', '20 MB', '3.0 TB', '–', '2017-07-14 02:40'])
      assert.ok(page.includes(shown), shown);
  });

  it('has a way up, but for the top', () => {
    assert.match(encodeListing([], '/x/'), /href="\.\.\/"/);
    assert.doesNotMatch(encodeListing([], '/'), /href="\.\.\/"/);
  });
});
