import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { checkName, fileError, openInside } from '../../../src/file/resolve-path.js';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'resolve-path-')));
const root = join(top, 'root');
mkdirSync(join(root, 'sub'), { recursive: true });
mkdirSync(join(top, 'root2'));
writeFileSync(join(top, 'secret'), 'secret');
writeFileSync(join(top, 'root2', 'secret'), 'secret');
writeFileSync(join(root, 'file'), 'file');
writeFileSync(join(root, 'sub', 'file'), 'file');
symlinkSync('../secret', join(root, 'out'));
symlinkSync('../root2', join(root, 'next'));
symlinkSync('root', join(top, 'linked'));
symlinkSync('file', join(root, 'in'));
symlinkSync('loop', join(root, 'loop'));
execFileSync('mkfifo', [join(root, 'fifo')]);
after(() => rmSync(top, { recursive: true }));

const rules = { safe: true, dotfiles: 'ignore', encoded: true } as const;
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const rejection = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error as { code: string }).code,
  );

describe('A file name', () => {
  it('loses its leading slashes and is decoded once', () => {
    assert.equal(checkName('///a/b%20c', rules), 'a/b c');
    assert.equal(checkName('/a%2520', rules), 'a%20');
    assert.equal(checkName('/a%20', { ...rules, encoded: false }), 'a%20');
    assert.equal(checkName('', rules), '');
  });

  it('T31 is refused by what it is after decoding', () => {
    for (const [name, code] of [
      ['/..', 'PARENT_DIRECTORY_REFERENCE'],
      ['/%2e%2e/x', 'PARENT_DIRECTORY_REFERENCE'],
      ['/a/../b', 'PARENT_DIRECTORY_REFERENCE'],
      ['/a%2f..%2fb', 'PARENT_DIRECTORY_REFERENCE'],
      ['/a\\b', 'BACKSLASH_IN_PATH'],
      ['/%5c', 'BACKSLASH_IN_PATH'],
      ['/a%00', 'FILE_NOT_FOUND'],
      ['/%', 'BAD_ESCAPE'],
      ['/%c0%ae', 'BAD_ESCAPE'],
      ['/.a', 'FILE_NOT_FOUND'],
      ['/a/.b/c', 'FILE_NOT_FOUND'],
      ['/...', 'FILE_NOT_FOUND'],
      ['/a..b', 'fine'],
      ['/a...', 'fine'],
      ['/./a', 'fine'],
      ['/.well-known/acme-challenge/token', 'fine'],
      ['/.well-known/.git/config', 'FILE_NOT_FOUND'],
      ['/.well-knownx/a', 'FILE_NOT_FOUND'],
      ['/a/.well-known/b', 'FILE_NOT_FOUND'],
    ])
      assert.equal(
        codeOf(() => checkName(name ?? '', rules)),
        code,
        name,
      );
  });

  it('FR6 is free without the check, hidden files and NUL excepted', () => {
    const free = { ...rules, safe: false };
    assert.equal(checkName('/../a\\b', free), '../a\\b');
    assert.equal(
      codeOf(() => checkName('/../.a', free)),
      'FILE_NOT_FOUND',
    );
    assert.equal(
      codeOf(() => checkName('/../.a', { ...free, dotfiles: 'deny' })),
      'INVALID_PATH',
    );
    assert.equal(
      codeOf(() => checkName('/../.a', { ...free, dotfiles: 'allow' })),
      'fine',
    );
    assert.equal(
      codeOf(() => checkName('/a%00b', free)),
      'FILE_NOT_FOUND',
    );
  });

  it('T31 stays below the root when it is joined, whatever it is made of', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2f',
      '%5c',
      '%00',
      'a',
      '%',
      '%25',
      ' ',
      '\u2025',
      '~',
      ':',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, encoded) => {
        let name: string;
        try {
          name = checkName(pieces.join(''), { ...rules, encoded, dotfiles: 'allow' });
        } catch {
          return;
        }
        assert.doesNotMatch(relative('/root', join('/root', name)), /^\.\.(\/|$)/, name);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('Opening below a root', () => {
  it('gives a file, with what is known of it, or tells a folder', async () => {
    const opened = await openInside(root, 'sub/file', true);
    assert.ok(opened.kind === 'file');
    assert.equal(opened.stats.size, 4);
    assert.equal(opened.path, join(root, 'sub', 'file'));
    await opened.handle.close();
    assert.deepEqual(await openInside(root, 'sub', true), { kind: 'directory', path: join(root, 'sub') });
    const link = await openInside(root, 'in', true);
    assert.ok(link.kind === 'file');
    assert.equal(link.path, join(root, 'file'));
    await link.handle.close();
  });

  it('T33 never follows a link out, not even into a folder whose name begins like the root', async () => {
    for (const name of ['out', 'next/secret', 'next', 'loop'])
      assert.equal(await rejection(openInside(root, name, true)), 'FILE_NOT_FOUND', name);
    const free = await openInside(root, 'out', false);
    assert.ok(free.kind === 'file');
    await free.handle.close();
  });

  it('T33 knows a root by any spelling, and no root at all by none', async () => {
    const here = relative(process.cwd(), root);
    for (const spelling of [join(top, 'linked'), `${root}/`, `${root}/sub/..`, `${top}/./root`, here]) {
      for (const name of ['out', 'next/secret'])
        assert.equal(await rejection(openInside(spelling, name, true)), 'FILE_NOT_FOUND', `${spelling} ${name}`);
      const opened = await openInside(spelling, 'sub/file', true);
      assert.equal(opened.path, join(root, 'sub', 'file'), spelling);
      if (opened.kind === 'file') await opened.handle.close();
    }
    assert.equal(await rejection(openInside('', join(root, 'file'), true)), 'FILE_NOT_FOUND');
  });

  it('T34 does not wait for a FIFO, nor serve what is no file', async () => {
    assert.equal(await rejection(openInside(root, 'fifo', true)), 'FILE_NOT_FOUND');
    assert.equal(await rejection(openInside('/dev', 'null', true)), 'FILE_NOT_FOUND');
    assert.equal(await rejection(openInside(root, 'file/', true)), 'FILE_NOT_FOUND');
  });

  it('takes the root of the machine for a root', async () => {
    const opened = await openInside('/', relative('/', join(root, 'file')), true);
    assert.ok(opened.kind === 'file');
    await opened.handle.close();
  });
});

describe('The error of a failed file operation', () => {
  it('is not found, but for a lack of descriptors: try again', () => {
    for (const code of ['ENOENT', 'EACCES', 'ENAMETOOLONG', 'ENOTDIR', 'ELOOP', 'EISDIR'])
      assert.equal(fileError({ code }, '/x').code, 'FILE_NOT_FOUND');
    const busy = fileError({ code: 'EMFILE' }, '/x');
    assert.deepEqual([busy.code, busy.status, busy.headers], ['OVERLOADED', 503, { 'Retry-After': '5' }]);
    assert.equal(fileError({ code: 'ENFILE' }, '/x').status, 503);
  });

  it('T85 keeps the path of the machine in its detail', () => {
    const error = fileError({ code: 'ENOENT' }, '/srv/site/x');
    assert.doesNotMatch(error.message, /home/);
    assert.equal(error.detail, 'File does not exist: /srv/site/x');
  });
});
