import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskHeaders, maskUrl, maskValues } from '../../../src/http/mask.js';

describe('what is shown of a request', () => {
  const key = new Set(['key', 'a b']);

  it('T84 has no token in its address', () => {
    const rows: readonly [string, string][] = [
      ['/a?key=s3cret', '/a?key=***'],
      ['/a?x=1&key=s3cret&y=2', '/a?x=1&key=***&y=2'],
      ['/a?key=one&key=two', '/a?key=***&key=***'],
      ['/a?k%65y=s3cret', '/a?k%65y=***'],
      ['/a?a+b=s3cret&a%20b=s3cret', '/a?a+b=***&a%20b=***'],
      ['/a?key', '/a?key'],
      ['/a?key=', '/a?key=***'],
      ['/a?keys=1', '/a?keys=1'],
      ['/a?%zz=1', '/a?%zz=1'],
      ['/key=s3cret', '/key=s3cret'],
      ['/a?access_token=s3cret', '/a?access_token=***'],
    ];
    for (const [url, masked] of rows) assert.equal(maskUrl(url, key), masked);
    assert.equal(maskUrl('/a?access_token=s3cret', new Set()), '/a?access_token=***');
  });

  it('T84 has no credentials in its headers, but tells their scheme', () => {
    const places = { cookies: new Set(['session']), query: new Set<string>() };
    const headers = {
      host: 'a',
      authorization: 'Bearer s3cret',
      'proxy-authorization': 's3cret',
      cookie: 'theme=dark; session=s3cret; last=1',
    };
    assert.deepEqual(maskHeaders(headers, places), {
      host: 'a',
      authorization: 'Bearer ***',
      'proxy-authorization': '***',
      cookie: 'theme=dark; session=***; last=1',
    });
    assert.equal(headers.authorization, 'Bearer s3cret');
  });

  it('T84 has no token among its values', () => {
    const values = { key: 's3cret', other: '1' };
    assert.deepEqual(maskValues(values, key), { key: '***', other: '1' });
    assert.equal(maskValues({ other: '1' }, key).other, '1');
  });
});
