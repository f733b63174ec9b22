import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { File, Files } from '../../../src/http/files.js';

const latin1 = Buffer.from('\u00fc', 'latin1');

test('FD11 a text/plain file has text content and its bytes', () => {
  const file = new File('a.txt', 'text/plain', { buffer: Buffer.from('\u017c\u017c') });
  assert.equal(file.content, '\u017c\u017c');
  assert.deepEqual(file.contentBytes, Buffer.from('\u017c\u017c'));
  assert.equal(file.size, 4);
});

test('FD8 any other type has bytes as content', () => {
  for (const type of ['text/html', 'application/json', 'image/png', '']) {
    const file = new File('a', type, { buffer: latin1 });
    assert.equal(file.content, latin1, type);
  }
});

test('FD8 text is decoded by the charset of its type; an unknown charset counts as UTF-8', () => {
  const bytes = (type: string): unknown => new File('a', type, { buffer: latin1 }).content;
  assert.equal(bytes('text/plain; charset=iso-8859-1'), '\u00fc');
  assert.equal(bytes('Text/Plain;charset="ISO-8859-1"'), '\u00fc');
  assert.equal(bytes('text/plain'), '\ufffd');
  assert.equal(bytes('text/plain; charset=klingon'), '\ufffd');
});

test('FD11 the bytes of a latin1 upload come back as they were sent', () => {
  assert.equal(new File('a', 'text/plain', { buffer: latin1 }).contentBytes, latin1);
});

test('a file on disk has a path and a size instead of content', () => {
  const file = new File('a.txt', 'text/plain', { path: '/somewhere/a', size: 7 });
  assert.equal(file.content, undefined);
  assert.equal(file.contentBytes, undefined);
  assert.equal(file.path, '/somewhere/a');
  assert.equal(file.size, 7);
});

test('a file prints and serialises without its bytes', () => {
  const file = new File('foo.txt', 'text/plain', { buffer: Buffer.from('some text here') });
  assert.equal(inspect(file), "<File filename='foo.txt', contentType='text/plain', size=14>");
  assert.equal(JSON.stringify(file), '{"filename":"foo.txt","contentType":"text/plain","size":14}');
  assert.equal(
    JSON.stringify(new File('a', 'b/c', { path: '/p', size: 1 })),
    '{"filename":"a","contentType":"b/c","size":1,"path":"/p"}',
  );
  assert.equal(new File('', '').size, 0);
});

test('FD10 files have the operations of every field container, unescaped', () => {
  const one = new File('<1>', 'a/b');
  const two = new File('2', 'a/b');
  const three = new File('3', 'a/b');
  const files = new Files([
    ['many', one],
    ['single', two],
    ['many', three],
  ]);
  assert.equal(files.get('many'), one);
  assert.equal(files.get('many')?.filename, '<1>');
  assert.equal(files.get('none'), undefined);
  assert.equal(files.get('none', two), two);
  assert.deepEqual(files.getList('many'), [one, three]);
  assert.deepEqual(files.getList('none'), []);
  assert.deepEqual(files.fields, ['many', 'single']);
  assert.deepEqual(files.keys(), ['many', 'single']);
  assert.deepEqual(files.values(), [one, three, two]);
  assert.deepEqual(files.items()[1], ['many', three]);
  assert.deepEqual([...files], ['many', 'single']);
  assert.equal(files.size, 2);
  assert.equal(files.has('single'), true);
  assert.equal(files.has('none'), false);
  assert.equal(JSON.parse(JSON.stringify(files)).many.length, 2);
});
