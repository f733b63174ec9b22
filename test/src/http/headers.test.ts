import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Headers } from '../../../src/http/headers.js';

test('HD1 headers are made from lines, with or without a space after the colon', () => {
  const headers = new Headers('Content-Type: text/html\r\nX-A:1\nX-A: 2\r\n\r\n');
  assert.deepEqual(headers.items(), [
    ['content-type', 'text/html'],
    ['x-a', '1'],
    ['x-a', '2'],
  ]);
  assert.equal(new Headers('').size, 0);
});

test('HD1 a line without a name is refused', () => {
  for (const line of ['nonsense', ': value']) {
    assert.throws(() => new Headers(line), {
      code: 'INVALID_HEADER',
      message: `The header line ${JSON.stringify(line)} has no name and colon.`,
    });
  }
  assert.throws(() => new Headers('bad name: x'), {
    code: 'INVALID_HEADER',
    message: 'The header name "bad name" is not valid.',
  });
});

test('HD2 headers are made from an object, from other headers, or from nothing', () => {
  const headers = new Headers({ A: '1', B: ['2', '3'] });
  assert.deepEqual(headers.getList('b'), ['2', '3']);
  assert.deepEqual(new Headers(headers).items(), headers.items());
  assert.equal(new Headers().size, 0);
});

test('values that a flow gives as numbers become text, null is refused', () => {
  const headers = new Headers({ a: 5 as unknown as string });
  headers.set('b', 6 as unknown as string);
  assert.equal(headers.get('a'), '5');
  assert.equal(headers.get('b'), '6');
  assert.throws(() => headers.set('c', null as unknown as string), { code: 'INVALID_HEADER' });
  assert.equal(headers.has('c'), false);
});

test('HD3 names are stored in lower case and found in any case', () => {
  const headers = new Headers({ 'Content-TYPE': 'a/b' });
  assert.deepEqual(headers.keys(), ['content-type']);
  assert.deepEqual(headers.fields, ['content-type']);
  assert.equal(headers.get('CONTENT-type'), 'a/b');
  assert.equal(headers.has('Content-Type'), true);
  assert.equal(headers.has('X'), false);
});

test('HD4 add appends, HD9 set replaces by one value or a list', () => {
  const headers = new Headers();
  headers.add('X', '1');
  headers.add('x', '2');
  assert.deepEqual(headers.getList('X'), ['1', '2']);
  headers.set('X', '3');
  assert.deepEqual(headers.getList('x'), ['3']);
  headers.set('x', ['4', '5']);
  assert.deepEqual(headers.getList('x'), ['4', '5']);
});

test('HD5 get gives the first value or the fallback', () => {
  const headers = new Headers({ a: ['1', '2'] });
  assert.equal(headers.get('A'), '1');
  assert.equal(headers.get('b'), undefined);
  assert.equal(headers.get('b', 'none'), 'none');
  assert.deepEqual(headers.getList('b'), []);
  assert.equal(headers.size, 1);
  assert.deepEqual([...headers], ['a']);
  assert.deepEqual(headers.values(), ['1', '2']);
});

test('HD7 the directive is the part before the first semicolon', () => {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    plain: ' value ',
    quoted: '"a;b"; c=d',
    empty: '',
  });
  assert.equal(headers.getDirective('Content-Type'), 'text/html');
  assert.equal(headers.getDirective('plain'), 'value');
  assert.equal(headers.getDirective('quoted'), 'a;b');
  assert.equal(headers.getDirective('empty'), '');
  assert.equal(headers.getDirective('none'), undefined);
  assert.equal(headers.getDirective('none', 'x'), 'x');
});

test('HD8 a parameter is found by its whole name in any case, unquoted and decoded', () => {
  const headers = new Headers({
    'Content-Disposition': 'form-data; names="n"; NAME="a;b=c \\"d\\""; filename="x"; filename*=UTF-8\'\'%C3%BC; flag',
  });
  const get = (parameter: string, fallback?: string): string | undefined =>
    headers.getParameter('content-disposition', parameter, fallback);
  assert.equal(get('name'), 'a;b=c "d"');
  assert.equal(get('Names'), 'n');
  assert.equal(get('filename'), '\u00fc');
  assert.equal(get('nam'), undefined);
  assert.equal(get('flag'), undefined);
  assert.equal(get('flag', 'x'), 'x');
  assert.equal(get('constructor'), undefined);
  assert.equal(headers.getParameter('none', 'a', 'x'), 'x');
});

test('HD10 setDefault sets only what is absent and returns all values', () => {
  const headers = new Headers({ a: ['1', '2'] });
  assert.deepEqual(headers.setDefault('A', '3'), ['1', '2']);
  assert.deepEqual(headers.setDefault('b', '4'), ['4']);
  assert.equal(headers.get('b'), '4');
});

test('HD11 update replaces each header it names', () => {
  const headers = new Headers({ a: ['1', '2'], b: '3' });
  headers.update({ A: '4', c: ['5', '6'] });
  assert.deepEqual(headers.toJSON(), { a: '4', b: '3', c: ['5', '6'] });
  headers.update(new Headers({ b: ['7', '8'] }));
  assert.deepEqual(headers.getList('b'), ['7', '8']);
});

test('HD12 delete tells whether there was something', () => {
  const headers = new Headers({ A: '1' });
  assert.equal(headers.delete('a'), true);
  assert.equal(headers.delete('a'), false);
  assert.equal(headers.size, 0);
});

test('HD14 L15 a copy is independent, keeps several values and an empty last one', () => {
  const headers = new Headers({ a: ['1', '2'], b: '' });
  const copy = headers.copy();
  copy.add('a', '3');
  copy.delete('b');
  assert.deepEqual(headers.items(), [
    ['a', '1'],
    ['a', '2'],
    ['b', ''],
  ]);
  assert.deepEqual(copy.getList('a'), ['1', '2', '3']);
});

test('L14 a line break or control character in a value is refused everywhere', () => {
  const headers = new Headers();
  const message = 'The header x contains a line break or another character that a header cannot carry.';
  for (const value of ['/a\r\nX-Injected: yes', 'a\nb', 'a\0', '\u20ac']) {
    assert.throws(() => headers.add('x', value), { code: 'INVALID_HEADER', message });
    assert.throws(() => headers.set('x', value), { code: 'INVALID_HEADER', message });
    assert.throws(() => headers.set('x', ['ok', value]), { code: 'INVALID_HEADER', message });
    assert.throws(() => headers.setDefault('x', value), { code: 'INVALID_HEADER', message });
    assert.throws(() => headers.update({ x: value }), { code: 'INVALID_HEADER', message });
    assert.throws(() => new Headers({ x: value }), { code: 'INVALID_HEADER', message });
  }
  assert.throws(() => headers.add('a b', '1'), { message: 'The header name "a b" is not valid.' });
  assert.throws(() => headers.set('', '1'), { message: 'The header name "" is not valid.' });
  assert.equal(headers.size, 0);
});

test("headers are made from Node's raw list, duplicates kept", () => {
  const headers = Headers.fromRaw(['Host', 'a', 'X-A', '1', 'x-a', '2']);
  assert.deepEqual(headers.getList('X-A'), ['1', '2']);
  assert.deepEqual(headers.keys(), ['host', 'x-a']);
  assert.equal(Headers.fromRaw([]).size, 0);
});

test('HD15 they print and serialise', () => {
  const headers = new Headers({ Host: 'x', A: ['1', '2'] });
  assert.equal(inspect(headers), "<Headers { host: [ 'x' ], a: [ '1', '2' ] }>");
  assert.equal(JSON.stringify(headers), '{"host":"x","a":["1","2"]}');
  assert.equal(String(headers), 'host: x\r\na: 1\r\na: 2');
  assert.deepEqual(new Headers(String(headers)).items(), headers.items());
});
