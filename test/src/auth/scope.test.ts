import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requireScopes } from '../../../src/auth/scope.js';
import { HttpError, type Principal } from '../../../src/index.js';

/** What a user hears who needs these scopes: nothing, or status and challenge. */
function heard(user: Partial<Principal>, needed: readonly string[]): unknown {
  try {
    requireScopes({ name: 'ann', scheme: 'bearer', ...user }, needed, 'a "b"');
    return undefined;
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'INSUFFICIENT_SCOPE');
    return [error.status, error.headers?.['WWW-Authenticate']];
  }
}

describe('T52 scopes that are needed', () => {
  it('are none, or all among those the user has, in any order', () => {
    assert.equal(heard({}, []), undefined);
    assert.equal(heard({ scopes: ['write', 'read', 'more'] }, ['read', 'write']), undefined);
  });

  it('and missing are 403 with a challenge that names them (RFC 6750 3.1)', () => {
    const challenge = 'Bearer realm="a \\"b\\"", error="insufficient_scope", scope="read write"';
    for (const scopes of [undefined, [], ['read'], ['Read', 'write'], ['read write'], ['readwrite']])
      assert.deepEqual(heard(scopes ? { scopes } : {}, ['read', 'write']), [403, challenge], String(scopes));
    assert.deepEqual(heard({ scheme: 'jwt' }, ['read', 'write']), [403, challenge]);
  });

  it('are nothing a password has, and no bearer token is asked of it', () => {
    for (const scheme of ['basic', 'htpasswd', 'token', 'certificate'])
      assert.deepEqual(heard({ scheme }, ['read']), [403, undefined], scheme);
  });
});
