import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { File, Files } from '../../../src/http/files.js';
import { FormData, longestTextForm } from '../../../src/http/form-data.js';

const urlencoded = 'application/x-www-form-urlencoded';

test('FD1 an urlencoded text is a form, in any case of its type and with parameters', () => {
  for (const type of [urlencoded, 'Application/X-WWW-Form-Urlencoded', `${urlencoded}; charset=utf-8`]) {
    const form = new FormData('foo=bar&baz=qux&baz=qu%75x', type);
    assert.deepEqual(form.items(), [
      ['foo', 'bar'],
      ['baz', 'qux'],
      ['baz', 'quux'],
    ]);
    assert.equal(form.contentType, urlencoded);
  }
});

test('FD6 D2 the last line of a text/plain form counts without a line break', () => {
  const form = new FormData('foo=bar\r\nbaz=qux\r\nbaz=quux', 'text/plain');
  assert.deepEqual(form.getList('baz'), ['qux', 'quux']);
});

test('L07 a text/plain line without an equals sign is a name without value', () => {
  const form = new FormData('foo\r\nbar=1', 'text/plain');
  assert.equal(form.get('foo'), '');
  assert.equal(form.get('bar'), '1');
});

test('FD2 a text of any other type, or of none, is an empty form', () => {
  for (const type of ['application/json', 'text/html', '']) {
    const form = new FormData('a=1', type);
    assert.equal(form.size, 0);
    assert.equal(form.contentType, type);
  }
});

test('FD5 an empty body is an empty form', () => {
  assert.equal(new FormData('', urlencoded).size, 0);
  assert.equal(new FormData().size, 0);
});

test('FD12 get has a fallback, escapes HTML and may be told not to', () => {
  const form = new FormData([['a', '<b>']]);
  assert.equal(form.get('a'), '&lt;b&gt;');
  assert.equal(form.get('a', { safe: false }), '<b>');
  assert.equal(form.get('a', undefined, { safe: false }), '<b>');
  assert.equal(form.get('x'), undefined);
  assert.equal(form.get('x', '<i>'), '&lt;i&gt;');
  assert.equal(form.get('x', '<i>', { safe: false }), '<i>');
});

test('FS4 to FS8 the other operations are those of every field container', () => {
  const form = new FormData([
    ['b', '<1>'],
    ['a', '2'],
    ['b', '3'],
  ]);
  assert.deepEqual(form.fields, ['b', 'a']);
  assert.deepEqual(form.keys(), ['b', 'a']);
  assert.deepEqual(form.getList('b'), ['&lt;1&gt;', '3']);
  assert.deepEqual(form.getList('b', { safe: false }), ['<1>', '3']);
  assert.deepEqual(form.values({ safe: false }), ['<1>', '3', '2']);
  assert.deepEqual(form.values(), ['&lt;1&gt;', '3', '2']);
  assert.deepEqual(form.items({ safe: false })[0], ['b', '<1>']);
  assert.deepEqual([...form], ['b', 'a']);
  assert.equal(form.size, 2);
  assert.equal(form.has('a'), true);
  assert.equal(form.has('c'), false);
  assert.equal(String(form), 'b=&lt;1&gt;&b=3&a=2');
  assert.equal(JSON.stringify(form), '{"b":["<1>","3"],"a":["2"]}');
});

test('FD13 it prints fields and files', () => {
  const files = new Files([['f', new File('foo.txt', 'text/plain', { buffer: Buffer.from('x') })]]);
  assert.equal(
    inspect(new FormData([['foo', 'bar']], '', files)),
    "<FormData { foo: [ 'bar' ] }, files=<Files { f: [ <File filename='foo.txt', contentType='text/plain', size=1> ] }>>",
  );
});

test('a parsed urlencoded body gives its pairs', () => {
  const form = FormData.fromBody({ value: { a: '1' }, pairs: [['a', '1']] }, urlencoded);
  assert.equal(form.get('a'), '1');
  assert.equal(form.contentType, urlencoded);
});

test('a parsed text/plain body is read as a form on demand, other text is not', () => {
  assert.equal(FormData.fromBody({ value: 'a=1\r\nb=2' }, 'text/plain; charset=utf-8').get('b'), '2');
  assert.equal(FormData.fromBody({ value: 'a=1' }, 'text/html').size, 0);
  assert.equal(FormData.fromBody({ value: `a=${'x'.repeat(longestTextForm)}` }, 'text/plain').size, 0);
  assert.equal(FormData.fromBody({ value: { a: 1 } }, 'application/json').size, 0);
  assert.equal(FormData.fromBody(undefined, undefined).size, 0);
});

test('FD10 the uploads of a parsed body are files by field name, empty inputs included', () => {
  const upload = {
    fieldname: 'f',
    originalname: '\u00fc.txt',
    mimetype: 'text/plain',
    size: 2,
    buffer: Buffer.from('hi'),
  };
  const empty = {
    fieldname: 'g',
    originalname: '',
    mimetype: 'application/octet-stream',
    size: 0,
    buffer: Buffer.alloc(0),
  };
  const form = FormData.fromBody({ pairs: [], files: [upload], fileParts: [upload, empty] }, 'multipart/form-data');
  assert.equal(form.files.get('f')?.filename, '\u00fc.txt');
  assert.equal(form.files.get('f')?.content, 'hi');
  assert.equal(form.files.get('g')?.filename, '');
  assert.equal(form.files.get('g')?.size, 0);
  assert.equal(FormData.fromBody({ files: [upload] }).files.size, 1);
});
