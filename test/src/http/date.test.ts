import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDate, parseHttpDate } from '../../../src/http/date.js';

const example = Date.UTC(1994, 10, 6, 8, 49, 37);

test('a date is written as IMF-fixdate, milliseconds cut off', () => {
  assert.equal(httpDate(example), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(example + 999), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT');
});

test('all three forms of RFC 9110 5.6.7 are read', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), example);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), example);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), example);
});

test('a written date is read back', () => {
  for (const time of [0, example, Date.UTC(2024, 1, 29, 23, 59, 59), Date.UTC(2999, 11, 31)])
    assert.equal(parseHttpDate(httpDate(time)), time);
});

test('a two-digit year more than 50 years ahead lies in the past', () => {
  const year = new Date().getUTCFullYear();
  const near = (year + 10) % 100;
  const far = (year + 60) % 100;
  const two = (value: number): string => String(value).padStart(2, '0');
  assert.equal(new Date(parseHttpDate(`Monday, 01-Jan-${two(near)} 00:00:00 GMT`) ?? NaN).getUTCFullYear(), year + 10);
  assert.equal(new Date(parseHttpDate(`Monday, 01-Jan-${two(far)} 00:00:00 GMT`) ?? NaN).getUTCFullYear(), year - 40);
});

test('anything else is no date', () => {
  for (const text of [
    '',
    'now',
    '0',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 32 Oct 1994 08:49:37 GMT',
    'Mon, 31 Feb 2022 00:00:00 GMT',
    'Mon, 29 Feb 2023 00:00:00 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
  ])
    assert.equal(parseHttpDate(text), undefined, JSON.stringify(text));
});

test('a leap second is taken as the second that follows', () => {
  assert.equal(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT'), Date.UTC(2017, 0, 1));
});
