import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { originalName, storedName } from '../../../src/body/upload-name.js';

describe('the name of an upload as data', () => {
  const names: [given: string, kept: string][] = [
    ['', ''],
    ['a.txt', 'a.txt'],
    ['ü.txt', 'ü.txt'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(250)}.jpeg`],
    [`${'x'.repeat(300)}.${'y'.repeat(30)}`, 'x'.repeat(255)],
    ['💩'.repeat(200), '💩'.repeat(127)],
  ];
  for (const [given, kept] of names)
    it(`${given.slice(0, 12)} (${given.length}) is ${kept.slice(0, 12)} (${kept.length})`, () => {
      assert.equal(originalName(given), kept);
    });
});

describe('T27 the name an upload is stored under', () => {
  const names: [given: string, stem: string, extension: string][] = [
    ['a.txt', 'a', '.txt'],
    ['ü.txt', 'ü', '.txt'],
    ['u\u0308.txt', 'ü', '.txt'],
    ['日本.png', '日本', '.png'],
    ['', 'file', ''],
    ['.', 'file', ''],
    ['..', 'file', ''],
    ['...', 'file', ''],
    ['.htaccess', 'htaccess', ''],
    ['-rf', 'rf', ''],
    ['../../etc/passwd', 'etc_passwd', ''],
    ['..\\..\\x.ini', 'x', '.ini'],
    ['C:\\x.txt', 'C_x', '.txt'],
    ['a b\tc\n.txt', 'a_b_c_', '.txt'],
    ['a\0b', 'a_b', ''],
    ['\u202egnp.exe', 'gnp', '.exe'],
    ['<img src=x>.html', 'img_src_x_', '.html'],
    ['a.tar.gz', 'a.tar', '.gz'],
    [`a.${'x'.repeat(30)}`, `a.${'x'.repeat(30)}`, ''],
    ['trailing.', 'trailing.', ''],
    [`${'n'.repeat(10_000)}.txt`, 'n'.repeat(100), '.txt'],
    [`${'日'.repeat(200)}.txt`, '日'.repeat(33), '.txt'],
  ];
  for (const [given, stem, extension] of names)
    it(`of ${JSON.stringify(given.slice(0, 24))} begins with ${JSON.stringify(stem.slice(0, 24))} and ends with "${extension}"`, () => {
      const name = storedName(given);
      assert.equal(name.replace(/-[\da-f]{16}(?=\.[^.]*$|$)/, '|'), `${stem}|${extension}`);
      assert.ok(Buffer.byteLength(name) <= 255);
    });

  it('is no device name on any system, whatever the client says', () => {
    for (const name of ['CON', 'nul', 'AUX.txt', 'com1', 'LPT9.log', 'PRN'])
      assert.doesNotMatch(storedName(name), /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
  });

  it('is another one each time', () => {
    assert.equal(new Set(Array.from({ length: 100 }, () => storedName('a.txt'))).size, 100);
  });
});
