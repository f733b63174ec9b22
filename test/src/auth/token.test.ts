import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenAuthenticator, maxTokenLength } from '../../../src/auth/token.js';
import { request } from './requests.js';

const granted = (name: string, scheme: string): unknown => ({ kind: 'granted', user: { name, scheme } });
const absent = { kind: 'refused', presented: false };
const wrong = { kind: 'refused', presented: true };

describe('a fixed token', () => {
  const bearer = new TokenAuthenticator('bearer', 'mF_9.B5f-4.1JqM', 'sensor', 'header');
  const token = new TokenAuthenticator('token', 'abc', '', 'header');

  it('T52 comes in by its own scheme, in any case (RFC 6750 2.1)', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      assert.deepEqual(bearer.authenticate(request(`${scheme} mF_9.B5f-4.1JqM`)), granted('sensor', 'bearer'));
    assert.deepEqual(token.authenticate(request('Token abc')), granted('token', 'token'));
  });

  it('T52 is refused when it is wrong, longer, shorter or empty', () => {
    for (const value of ['mF_9.B5f-4.1JqN', 'mF_9.B5f-4.1JqM ', 'mF_9.B5f-4.1Jq', 'mf_9.b5f-4.1jqm'])
      assert.deepEqual(bearer.authenticate(request(`Bearer x${value}`)), wrong, value);
    assert.deepEqual(bearer.authenticate(request('Bearer ')), wrong);
    assert.deepEqual(bearer.authenticate(request('Bearer')), absent);
    assert.deepEqual(bearer.authenticate(request()), absent);
  });

  it('AU2 never passes by another scheme', () => {
    assert.deepEqual(bearer.authenticate(request('Token mF_9.B5f-4.1JqM')), absent);
    assert.deepEqual(token.authenticate(request('Bearer abc')), absent);
    assert.deepEqual(token.authenticate(request('Basic abc')), absent);
  });

  it('T52 in the query or a cookie counts only where that is asked for', () => {
    const everywhere = { query: { access_token: 'abc' }, cookies: { access_token: 'abc' } };
    assert.deepEqual(token.authenticate(request(undefined, everywhere)), absent);
    const query = new TokenAuthenticator('token', 'abc', 'q', 'query:access_token');
    assert.deepEqual(query.authenticate(request(undefined, everywhere)), granted('q', 'token'));
    assert.deepEqual(query.authenticate(request('Token abc', {})), absent);
    const cookie = new TokenAuthenticator('bearer', 'abc', 'c', 'cookie:access_token');
    assert.deepEqual(cookie.authenticate(request(undefined, everywhere)), granted('c', 'bearer'));
    assert.deepEqual(cookie.authenticate(request(undefined, { cookies: { access_token: 'abd' } })), wrong);
  });

  it('a name of the prototype or a repeated parameter is no token', () => {
    const query = new TokenAuthenticator('token', 'abc', 'q', 'query:constructor');
    assert.deepEqual(query.authenticate(request(undefined, { query: {} })), absent);
    const repeated = new TokenAuthenticator('token', 'abc', 'q', 'query:key');
    assert.deepEqual(repeated.authenticate(request(undefined, { query: { key: ['abc', 'abc'] } })), absent);
  });

  it('T52 tells each request anew what it allows', () => {
    const scoped = new TokenAuthenticator('bearer', 'abc', 'sensor', 'header', ['read']);
    const expected = { kind: 'granted', user: { name: 'sensor', scheme: 'bearer', scopes: ['read'] } };
    const first = scoped.authenticate(request('Bearer abc'));
    assert.deepEqual(first, expected);
    assert.ok(first.kind === 'granted');
    (first.user.scopes as string[]).push('write');
    assert.deepEqual(scoped.authenticate(request('Bearer abc')), expected);
  });

  it('is not looked at when it is larger than 8 KiB', () => {
    const long = 'x'.repeat(maxTokenLength + 1);
    const authenticator = new TokenAuthenticator('bearer', long, 'long', 'header');
    assert.deepEqual(authenticator.authenticate(request(`Bearer ${long}`)), wrong);
  });
});
