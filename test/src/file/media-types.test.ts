import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaTypes, withCharset } from '../../../src/file/media-types.js';

describe('Media types', () => {
  const types = new MediaTypes();

  it('MT5 go by what follows the last dot, in any case', () => {
    for (const [name, type] of [
      ['a.html', 'text/html'],
      ['A.HTML', 'text/html'],
      ['a.tar.gz', 'application/gzip'],
      ['dir/a.png', 'image/png'],
      ['.html', 'text/html'],
      ['a.js', 'text/javascript'],
      ['a.mjs', 'text/javascript'],
      ['a.ico', 'image/vnd.microsoft.icon'],
    ])
      assert.equal(types.forFilename(name ?? ''), type, name);
  });

  it('MT5 fall back where there is no extension: to what is given, else to the default', () => {
    for (const name of ['html', 'a.', 'a.zzz', 'dir.html/file', '']) {
      assert.equal(types.forFilename(name), 'text/plain', name);
      assert.equal(types.forFilename(name, 'x/y'), 'x/y', name);
    }
    assert.equal(
      new MediaTypes({ defaultTo: 'application/octet-stream' }).forFilename('x'),
      'application/octet-stream',
    );
  });

  it('know more than the table of the API', () => {
    assert.equal(types.forFilename('a.md'), 'text/markdown');
    assert.equal(types.forFilename('a.wasm'), 'application/wasm');
  });

  it('MT4 can be added and replaced; an extension must have its dot', () => {
    const own = new MediaTypes({
      register: [
        { extension: '.ABC', type: 'x/abc' },
        { extension: '.html', type: 'x/html' },
      ],
    });
    assert.equal(own.forFilename('a.abc'), 'x/abc');
    assert.equal(own.forFilename('a.HTML'), 'x/html');
    assert.throws(() => new MediaTypes({ register: [{ extension: 'foo', type: 'x/y' }] }), {
      code: 'INVALID_SETTING',
      message: 'Invalid extension: "foo". All extensions must start with a dot.',
    });
  });

  it('MT3 can be cut down to a few; the rest has the default type', () => {
    const few = new MediaTypes({ keep: ['.html', '.md'], register: [{ extension: '.abc', type: 'x/abc' }] });
    assert.deepEqual(
      ['a.html', 'a.md', 'a.abc', 'a.png', 'a.wasm'].map((name) => few.forFilename(name)),
      ['text/html', 'text/markdown', 'x/abc', 'text/plain', 'text/plain'],
    );
    assert.throws(() => new MediaTypes({ keep: ['.zzzz'] }), { message: /Extension "\.zzzz" is not registered\. $/ });
    assert.throws(() => new MediaTypes({ keep: ['html'] }), { code: 'INVALID_SETTING' });
  });

  it('of text name their charset, once', () => {
    assert.equal(types.contentTypeFor('a.html'), 'text/html; charset=utf-8');
    assert.equal(types.contentTypeFor('a.json'), 'application/json; charset=utf-8');
    assert.equal(types.contentTypeFor('a.svg'), 'image/svg+xml; charset=utf-8');
    assert.equal(types.contentTypeFor('a.png'), 'image/png');
    assert.equal(withCharset('text/html; charset=latin1'), 'text/html; charset=latin1');
    assert.equal(withCharset('TEXT/HTML'), 'TEXT/HTML; charset=utf-8');
  });
});
