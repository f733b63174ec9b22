import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../../src/errors.js';
import { type CookieOptions, clearCookie, encodeCookie, parseCookies } from '../../../src/http/cookie.js';

const headers: [header: string | undefined, cookies: Record<string, string>][] = [
  [undefined, {}],
  ['', {}],
  ['foo=bar', { foo: 'bar' }],
  ['foo=bar; baz=qux; foo=quux', { foo: 'quux', baz: 'qux' }],
  ['a=1;b=2;  c=3', { a: '1', b: '2', c: '3' }],
  ['a="quoted value"', { a: 'quoted value' }],
  ['a="', { a: '"' }],
  ['a=""', { a: '' }],
  ['a="x', { a: '"x' }],
  ['a=', { a: '' }],
  ['a=b=c==', { a: 'b=c==' }],
  ['foo', {}],
  ['foo; a=1;', { a: '1' }],
  ['=x; a=1', { a: '1' }],
  [';;; a=1 ;;', { a: '1' }],
  ['a=%E2%82%AC', { a: '\u20ac' }],
  ['a=50%', { a: '50%' }],
  ['a=%zz', { a: '%zz' }],
  ['a=%ff', { a: '%ff' }],
  ['a="%20"', { a: ' ' }],
  ['a=1+2', { a: '1+2' }],
  ['toString=1; hasOwnProperty=2', { toString: '1', hasOwnProperty: '2' }],
  ['session[id]=7', { 'session[id]': '7' }],
];
for (const [header, cookies] of headers)
  test(`the Cookie header ${JSON.stringify(header)} holds ${JSON.stringify(cookies)}`, () => {
    assert.deepEqual(parseCookies(header), cookies);
  });

test('T21 cookies named __proto__, constructor or prototype are dropped', () => {
  const cookies = parseCookies('__proto__=x; constructor=y; prototype=z; a=1');
  assert.deepEqual(cookies, { a: '1' });
  assert.equal(Object.getPrototypeOf(cookies), Object.prototype);
});

test('T08 a 64 KiB Cookie header is read in linear time', () => {
  const before = performance.now();
  parseCookies('a=1;'.repeat(16 * 1024));
  parseCookies('"'.repeat(64 * 1024));
  assert.ok(performance.now() - before < 2000);
});

const lines: [value: string, options: CookieOptions, line: string][] = [
  ['1', {}, 'c=1; Path=/'],
  ['', {}, 'c=; Path=/'],
  ['a b;c,d"\u20ac', {}, 'c=a%20b%3Bc%2Cd%22%E2%82%AC; Path=/'],
  ['1', { path: '/app' }, 'c=1; Path=/app'],
  ['1', { path: null, domain: null, maxAge: null, expires: null, sameSite: null, priority: null }, 'c=1; Path=/'],
  ['1', { domain: 'example.org' }, 'c=1; Path=/; Domain=example.org'],
  ['1', { domain: '.example.org' }, 'c=1; Path=/; Domain=.example.org'],
  ['1', { domain: '' }, 'c=1; Path=/'],
  ['1', { httpOnly: true, secure: true }, 'c=1; Path=/; HttpOnly; Secure'],
  ['1', { httpOnly: false, secure: false, partitioned: false, sameSite: false }, 'c=1; Path=/'],
  ['1', { secure: true, partitioned: true }, 'c=1; Path=/; Secure; Partitioned'],
  ['1', { sameSite: true }, 'c=1; Path=/; SameSite=Strict'],
  ['1', { sameSite: 'lax' }, 'c=1; Path=/; SameSite=Lax'],
  ['1', { sameSite: 'None', secure: true }, 'c=1; Path=/; Secure; SameSite=None'],
  ['1', { priority: 'high' }, 'c=1; Path=/; Priority=High'],
  ['1', { expires: new Date(0) }, 'c=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
  ['1', { expires: 1000 }, 'c=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT'],
  ['1', { expires: '2030-01-01T00:00:00Z' }, 'c=1; Path=/; Expires=Tue, 01 Jan 2030 00:00:00 GMT'],
  ['a=b', { encode: (value) => value }, 'c=a=b; Path=/'],
  ['x', { encode: (value) => `"${value}"` }, 'c="x"; Path=/'],
];
for (const [value, options, line] of lines)
  test(`a cookie is written as ${line}`, () => {
    assert.equal(encodeCookie('c', value, options), line);
  });

test('maxAge is in milliseconds and sets Max-Age in seconds and Expires', () => {
  const before = Date.now();
  const line = encodeCookie('c', '1', { maxAge: 90_500, expires: new Date(0) });
  const match = /^c=1; Path=\/; Max-Age=90; Expires=(.+)$/.exec(line);
  const expires = Date.parse(match?.[1] ?? '');
  assert.ok(expires >= before + 89_000 && expires <= Date.now() + 91_000);
  assert.match(encodeCookie('c', '1', { maxAge: '1000' }), /Max-Age=1;/);
  assert.match(encodeCookie('c', '1', { maxAge: 0 }), /Max-Age=0;/);
  assert.match(encodeCookie('c', '1', { maxAge: -1000 }), /Max-Age=-1;/);
});

test('deleting a cookie sets an empty value that has expired', () => {
  assert.equal(clearCookie('c'), 'c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
  assert.equal(
    clearCookie('c', { path: '/a', domain: 'b.c', maxAge: 5000, httpOnly: true }),
    'c=; Path=/a; Domain=b.c; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly',
  );
});

test('an encoded cookie is read back', () => {
  for (const value of ['plain', 'a b', '"quoted"', '\u20ac\u{1f600}', '%41', 'a;b=c,d', ''])
    assert.deepEqual(parseCookies(encodeCookie('c', value).split(';')[0]), { c: value });
});

const refused: [reason: string, name: string, value: string, options: CookieOptions][] = [
  ['the name is not a token', '', '1', {}],
  ['the name is not a token', 'a b', '1', {}],
  ['the name is not a token', 'a=b', '1', {}],
  ['the name is not a token', 'a;b', '1', {}],
  ['the name is not a token', 'a\r\nSet-Cookie: x', '1', {}],
  ['the name is not a token', 'n\u00e4me', '1', {}],
  ['the path is not valid', 'c', '1', { path: '/;Domain=evil' }],
  ['the path is not valid', 'c', '1', { path: '/\r\nX: y' }],
  ['the path is not valid', 'c', '1', { path: '/\u00e4' }],
  ['the domain is not valid', 'c', '1', { domain: 'evil; Path=/' }],
  ['the domain is not valid', 'c', '1', { domain: '-a.b' }],
  ['the domain is not valid', 'c', '1', { domain: 'a..b' }],
  ['maxAge must be a number of milliseconds', 'c', '1', { maxAge: NaN }],
  ['maxAge must be a number of milliseconds', 'c', '1', { maxAge: 'soon' }],
  ['maxAge must be a number of milliseconds', 'c', '1', { maxAge: Infinity }],
  ['expires is not a date', 'c', '1', { expires: 'never' }],
  ['expires is not a date', 'c', '1', { expires: new Date(NaN) }],
  ['sameSite must be one of Strict, Lax, None', 'c', '1', { sameSite: 'loose' as 'lax' }],
  ['priority must be one of Low, Medium, High', 'c', '1', { priority: 'top' as 'high' }],
  ['the encoded value contains a character that a cookie cannot carry', 'c', 'a;b', { encode: (value) => value }],
  ['the encoded value contains a character that a cookie cannot carry', 'c', 'a\nb', { encode: (value) => value }],
  ['the encoded value contains a character that a cookie cannot carry', 'c', '"', { encode: (value) => value }],
  ['the value cannot be encoded', 'c', '\ud800', {}],
  ['a __Secure- cookie needs secure', '__Secure-c', '1', {}],
  ['a __Secure- cookie needs secure', '__secure-c', '1', {}],
  ['a __Host- cookie needs secure, the path / and no domain', '__Host-c', '1', {}],
  ['a __Host- cookie needs secure, the path / and no domain', '__Host-c', '1', { secure: true, path: '/a' }],
  ['a __Host- cookie needs secure, the path / and no domain', '__Host-c', '1', { secure: true, domain: 'a.b' }],
];
for (const [reason, name, value, options] of refused)
  test(`T41 a cookie ${JSON.stringify(name)} is refused: ${reason}`, () => {
    assert.throws(() => encodeCookie(name, value, options), {
      name: 'HttpError',
      code: 'INVALID_COOKIE',
      message: `The cookie ${JSON.stringify(name)} cannot be set: ${reason}.`,
    });
  });

test('T41 the prefixes are allowed where their rules are kept', () => {
  assert.equal(encodeCookie('__Host-c', '1', { secure: true }), '__Host-c=1; Path=/; Secure');
  assert.equal(
    encodeCookie('__Secure-c', '1', { secure: true, path: '/a', domain: 'a.b' }),
    '__Secure-c=1; Path=/a; Domain=a.b; Secure',
  );
});

test('T41 a line of 4096 bytes is taken, one more is refused', () => {
  const rest = 'c=; Path=/'.length;
  assert.equal(encodeCookie('c', 'x'.repeat(4096 - rest)).length, 4096);
  assert.throws(() => encodeCookie('c', 'x'.repeat(4097 - rest)), {
    code: 'INVALID_COOKIE',
    message: 'The cookie "c" cannot be set: it is longer than 4096 bytes.',
  });
});

test('a long bad name is cut in the message', () => {
  try {
    encodeCookie(' '.repeat(10_000), '1');
    assert.fail('it was accepted');
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.ok(error.message.length < 150);
  }
});
