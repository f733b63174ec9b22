import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import {
  acceptedEncodings,
  appendVary,
  contentDisposition,
  encodeParameter,
  encodeQuoted,
  isHeaderValue,
  isToken,
  parseParameterized,
  parseQualityList,
  prefers,
  splitList,
  splitParameters,
  unquote,
} from '../../../src/http/header.js';

/** Parameters as an object with a prototype, so that deepEqual compares contents. */
const parametersOf = (header: string): Record<string, string> => ({ ...parseParameterized(header).parameters });

test('a token is one or more of the characters of RFC 9110 5.6.2', () => {
  for (const good of ['GET', 'x-y', "!#$%&'*+-.^_`|~09azAZ"]) assert.equal(isToken(good), true, good);
  for (const bad of ['', ' ', 'a b', 'a:b', 'a=b', 'a;b', 'a"b', 'a\n', '\u00e4', 'a/b', 'a(b'])
    assert.equal(isToken(bad), false, JSON.stringify(bad));
});

test('isHeaderValue agrees with what node:http takes, character by character', () => {
  for (let code = 0; code < 0x180; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    let accepted = true;
    try {
      http.validateHeaderValue('x', text);
    } catch {
      accepted = false;
    }
    assert.equal(isHeaderValue(text), accepted, `U+${code.toString(16)}`);
  }
});

const values: [header: string, value: string, parameters: Record<string, string>][] = [
  ['', '', {}],
  ['text/html', 'text/html', {}],
  ['Text/HTML ', 'text/html', {}],
  ['text/html; charset=UTF-8', 'text/html', { charset: 'UTF-8' }],
  ['text/html;CharSet="utf-8"', 'text/html', { charset: 'utf-8' }],
  ['text/html ; charset = utf-8 ', 'text/html', { charset: 'utf-8' }],
  ['a/b; x="1; y=2"; y=3', 'a/b', { x: '1; y=2', y: '3' }],
  ['a/b; x="a\\"b\\\\c"', 'a/b', { x: 'a"b\\c' }],
  ['a/b; x=""', 'a/b', { x: '' }],
  ['a/b; x=', 'a/b', { x: '' }],
  ['a/b; x=1=2', 'a/b', { x: '1=2' }],
  ['a/b; x', 'a/b', {}],
  ['a/b; ; ;x=1;;', 'a/b', { x: '1' }],
  ['a/b; x=1; x=2', 'a/b', { x: '1' }],
  ['a/b; =1', 'a/b', {}],
  ['a/b; x="open', 'a/b', { x: 'open' }],
  ['a/b; x="open; y=2', 'a/b', { x: 'open; y=2' }],
  ['a/b; foo bar; x=1', 'a/b', { x: '1' }],
  ['a/b; junk y="1; z=2"', 'a/b', {}],
  ['form-data; names=a; name=b', 'form-data', { names: 'a', name: 'b' }],
  ['attachment; filename="plain"; filename*=UTF-8\'\'%E2%82%AC.txt', 'attachment', { filename: '\u20ac.txt' }],
  ["attachment; filename*=utf-8'en'a%20b; filename=c", 'attachment', { filename: 'a b' }],
  ["attachment; filename*=ISO-8859-1''%FC.txt", 'attachment', { filename: '\u00fc.txt' }],
  ["attachment; filename*=UTF-8''%ZZ; filename=c", 'attachment', { filename: 'c' }],
  ["attachment; filename*=UTF-8''%ff; filename=c", 'attachment', { filename: 'c' }],
  ["attachment; filename*=koi8-r''%C1; filename=c", 'attachment', { filename: 'c' }],
  ['attachment; filename*=plain', 'attachment', {}],
  ['"quoted; value"; x=1', '"quoted; value"', { x: '1' }],
];
for (const [header, value, parameters] of values)
  test(`the parameters of ${JSON.stringify(header)} are read by the RFC`, () => {
    assert.equal(parseParameterized(header).value, value);
    assert.deepEqual(parametersOf(header), parameters);
  });

test('T21 a parameter named __proto__ or constructor is a name like any other and reaches no prototype', () => {
  const { parameters } = parseParameterized('a/b; __proto__=x; constructor=y');
  assert.equal(Object.getPrototypeOf(parameters), null);
  assert.equal(parameters['__proto__'], 'x');
  assert.equal(parameters['constructor'], 'y');
  assert.equal(parseParameterized('a/b').parameters['constructor'], undefined);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

const hostileHeaders: [name: string, header: string][] = [
  ['semicolons', ';'.repeat(64_000)],
  ['semicolons before one equals sign', `${';a'.repeat(32_000)}=`],
  ['semicolons before one quote', `${';'.repeat(64_000)}"`],
  ['spaces', `a;${' '.repeat(64_000)}b`],
  ['backslashes in an open quote', `a;x="${'\\'.repeat(64_001)}`],
  ['quotes', `a;x=${'"'.repeat(64_000)}`],
  ['escaped quotes', `a;x="${'\\";x='.repeat(16_000)}`],
];
for (const [name, header] of hostileHeaders)
  test(`64 KB of ${name} are read in linear time`, () => {
    const before = performance.now();
    parseParameterized(header);
    splitList(header.replaceAll(';', ','));
    assert.ok(performance.now() - before < 2000);
  });

test('splitParameters parts the value from its parameters outside quotes', () => {
  assert.deepEqual(splitParameters('form-data; name=a'), ['form-data', ' name=a']);
  assert.deepEqual(splitParameters(' a '), ['a', '']);
  assert.deepEqual(splitParameters('"a;b";c'), ['"a;b"', 'c']);
});

test('a comma list is split outside quotes, empty elements left out', () => {
  assert.deepEqual(splitList('a, b ,c'), ['a', 'b', 'c']);
  assert.deepEqual(splitList('"a,b", c'), ['"a,b"', 'c']);
  assert.deepEqual(splitList('W/"x,\\"y", "z"'), ['W/"x,\\"y"', '"z"']);
  assert.deepEqual(splitList(', ,a,,'), ['a']);
  assert.deepEqual(splitList(''), []);
});

test('a quoted string loses its quotes and escapes, other text stays', () => {
  assert.equal(unquote('"a\\"b"'), 'a"b');
  assert.equal(unquote('abc'), 'abc');
  assert.equal(unquote('"'), '');
  assert.equal(unquote('""'), '');
  assert.equal(unquote('"open'), 'open');
});

test('a parameter value is quoted only where it must be', () => {
  assert.equal(encodeQuoted('utf-8'), 'utf-8');
  assert.equal(encodeQuoted('a b'), '"a b"');
  assert.equal(encodeQuoted('a"b\\'), '"a\\"b\\\\"');
  assert.equal(encodeQuoted(''), '""');
  assert.equal(encodeParameter('title', 'a b'), 'title="a b"');
  assert.equal(encodeParameter('title', '\u20ac'), "title*=UTF-8''%E2%82%AC");
});

const dispositions: [name: string | undefined, header: string][] = [
  [undefined, 'attachment'],
  ['', 'attachment'],
  ['plans.pdf', 'attachment; filename="plans.pdf"'],
  ['my file.txt', 'attachment; filename="my file.txt"'],
  ['a"b\\c.txt', 'attachment; filename="a\\"b\\\\c.txt"'],
  ['\u20ac rates.txt', 'attachment; filename="? rates.txt"; filename*=UTF-8\'\'%E2%82%AC%20rates.txt'],
  ['\u00fc.txt', 'attachment; filename="?.txt"; filename*=UTF-8\'\'%C3%BC.txt'],
  ["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
  ["\u00fc'(1)*", "attachment; filename=\"?'(1)*\"; filename*=UTF-8''%C3%BC%27%281%29%2A"],
  ['50%20.txt', 'attachment; filename="50%20.txt"; filename*=UTF-8\'\'50%2520.txt'],
  ['a\r\nX-Injected: 1', 'attachment; filename="aX-Injected: 1"'],
  ['\ud800x', 'attachment; filename="?x"; filename*=UTF-8\'\'%EF%BF%BDx'],
];
for (const [name, header] of dispositions)
  test(`Content-Disposition carries the file name ${JSON.stringify(name)} whole and safe`, () => {
    assert.equal(contentDisposition('attachment', name), header);
    assert.equal(isHeaderValue(header), true);
  });

test('a file name survives Content-Disposition and its parser', () => {
  for (const name of ['a.txt', 'a b;c="d".txt', '\u00fc\u20ac\u{1f600}.txt', "100%.txt'*()", 'x\\y'])
    assert.equal(parametersOf(contentDisposition('inline', name))['filename'], name);
});

test('a quality list keeps its order; a quality is held between 0 and 1', () => {
  assert.deepEqual(parseQualityList('text/html, a/b;q=0.5, c/d;q=2, e/f;q=-1, g/h;q=x, */*;q=0'), [
    { name: 'text/html', q: 1 },
    { name: 'a/b', q: 0.5 },
    { name: 'c/d', q: 1 },
    { name: 'e/f', q: 0 },
    { name: 'g/h', q: 0 },
    { name: '*/*', q: 0 },
  ]);
});

const preferences: [accept: string | undefined, chosen: string | undefined][] = [
  [undefined, 'text/plain'],
  ['', 'text/plain'],
  ['*/*', 'text/plain'],
  ['application/json', 'application/json'],
  ['application/json, text/plain', 'text/plain'],
  ['application/json, text/plain;q=0.9', 'application/json'],
  ['text/*', 'text/plain'],
  ['application/*, text/plain;q=0.1', 'application/json'],
  ['application/json;q=0.2, */*;q=0.8', 'text/plain'],
  ['text/plain;q=0, */*', 'application/json'],
  ['text/plain;q=0, application/json;q=0', undefined],
  ['image/png', undefined],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/plain'],
  ['APPLICATION/JSON', 'application/json'],
  [',,,', undefined],
];
for (const [accept, chosen] of preferences)
  test(`Accept ${JSON.stringify(accept)} prefers ${String(chosen)}`, () => {
    assert.equal(prefers(accept, ['text/plain', 'application/json']), chosen);
  });

test('a browser that navigates prefers HTML, a script that fetches does not', () => {
  const navigates = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';
  assert.equal(prefers(navigates, ['application/json', 'text/html']), 'text/html');
  assert.equal(prefers('application/json', ['text/html']), undefined);
});

const encodings: [accept: string | undefined, accepted: string[]][] = [
  [undefined, []],
  ['', []],
  ['identity', []],
  ['gzip', ['gzip']],
  ['gzip, deflate, br', ['br', 'gzip']],
  ['gzip;q=1, br;q=0.5', ['gzip', 'br']],
  ['br;q=0, gzip', ['gzip']],
  ['*', ['br', 'gzip']],
  ['*;q=0', []],
  ['gzip;q=0, *', ['br']],
  ['identity, gzip;q=0.5', []],
  ['identity;q=0.5, gzip;q=0.8, br;q=0.1', ['gzip']],
  ['BR', ['br']],
];
for (const [accept, accepted] of encodings)
  test(`Accept-Encoding ${JSON.stringify(accept)} takes ${JSON.stringify(accepted)}`, () => {
    assert.deepEqual(acceptedEncodings(accept, ['br', 'gzip']), accepted);
  });

test('Vary names each field once and a star stands alone', () => {
  assert.equal(appendVary('', 'Origin'), 'Origin');
  assert.equal(appendVary('Origin', 'Accept'), 'Origin, Accept');
  assert.equal(appendVary('origin, Accept', 'Origin'), 'origin, Accept');
  assert.equal(appendVary('*', 'Origin'), '*');
  assert.equal(appendVary('Origin', '*'), '*');
  assert.equal(appendVary('X-Origin', 'Origin'), 'X-Origin, Origin');
});
