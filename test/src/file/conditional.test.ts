import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evaluateConditions, isRangeFresh } from '../../../src/file/conditional.js';
import { httpDate, parseHttpDate } from '../../../src/http/date.js';

const etag = '"tag"';
const now = 1_700_000_000_000;
const validators = { etag, lastModified: now };
const verdict = (headers: Record<string, string>): string => evaluateConditions(headers, validators);

describe('Conditions', () => {
  it('follow the order of RFC 9110 13.2.2, for any mix of them', () => {
    const tag = fc.constantFrom('"tag"', 'W/"tag"', '"other"', '*', 'W/"other", "tag"', 'tag', '');
    const date = fc.constantFrom(now - 1000, now, now + 1000).map(httpDate);
    const mix = fc.record(
      { 'if-match': tag, 'if-none-match': tag, 'if-modified-since': date, 'if-unmodified-since': date },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(mix, (headers) => {
        const strong = (list: string): boolean => list === '*' || list.split(', ').includes('"tag"');
        const weak = (list: string): boolean => strong(list) || list.split(', ').includes('W/"tag"');
        const match = headers['if-match'];
        const unmodified = headers['if-unmodified-since'];
        const none = headers['if-none-match'];
        const since = headers['if-modified-since'];
        const isFailed =
          match === undefined
            ? unmodified !== undefined && now > (parseHttpDate(unmodified) ?? Infinity)
            : !strong(match);
        const isSame = none === undefined ? since !== undefined && now <= (parseHttpDate(since) ?? -1) : weak(none);
        assert.equal(verdict(headers), isFailed ? 'failed' : isSame ? 'not-modified' : 'proceed');
      }),
      { numRuns: 1000 },
    );
  });

  it('compare dates by the second: what a file system knows beyond that is not sent', () => {
    const finer = { etag, lastModified: now + 999 };
    assert.equal(evaluateConditions({ 'if-modified-since': httpDate(now) }, finer), 'not-modified');
    assert.equal(evaluateConditions({ 'if-unmodified-since': httpDate(now) }, finer), 'proceed');
    assert.equal(isRangeFresh(httpDate(now), finer), true);
  });

  it('take a reload by force at its word', () => {
    for (const value of ['no-cache', 'max-age=0, no-cache', 'NO-CACHE', 'no-cache, x'])
      assert.equal(verdict({ 'if-modified-since': httpDate(now), 'cache-control': value }), 'proceed', value);
    assert.equal(verdict({ 'if-modified-since': httpDate(now), 'cache-control': 'x-no-cache' }), 'not-modified');
  });
});

describe('If-Range', () => {
  it('fits by the same strong tag or the same date, never by a weak tag', () => {
    assert.equal(isRangeFresh(undefined, validators), true);
    assert.equal(isRangeFresh('"tag"', validators), true);
    assert.equal(isRangeFresh(' "tag" ', validators), true);
    assert.equal(isRangeFresh('W/"tag"', validators), false);
    assert.equal(isRangeFresh('W/"tag"', { ...validators, etag: 'W/"tag"' }), false);
    assert.equal(isRangeFresh(httpDate(now + 1000), validators), false);
    assert.equal(isRangeFresh('tag', validators), false);
  });
});
