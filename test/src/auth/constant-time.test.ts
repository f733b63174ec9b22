/**
 * T54 by structure: what is compared and how often is counted, because a clock on a shared machine proves nothing. Every
 * login of a kind has to do the same work, whether the user exists or not.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { afterEach, describe, it, mock } from 'node:test';
import bcrypt from 'bcryptjs';
import { HashQueue } from '../../../src/auth/hash-queue.js';
import { KnownHeader, digest, matchesDigest } from '../../../src/auth/secret.js';
import { TokenAuthenticator } from '../../../src/auth/token.js';
import { UserList } from '../../../src/auth/user-list.js';
import { request } from './requests.js';

const hash = bcrypt.hashSync('right', 4);

describe('comparing secrets', () => {
  afterEach(() => mock.restoreAll());

  it('T54 is done over digests of one length, which mean nothing in another process', () => {
    assert.equal(digest('').length, 32);
    assert.equal(digest('x'.repeat(100_000)).length, 32);
    assert.notDeepEqual(digest('abc'), crypto.createHash('sha256').update('abc').digest());
    assert.equal(matchesDigest('abc', digest('abc')), true);
    assert.equal(matchesDigest('abd', digest('abc')), false);
  });

  it('T54 goes through timingSafeEqual for every guess at a token', () => {
    const compare = mock.method(crypto, 'timingSafeEqual');
    const bearer = new TokenAuthenticator('bearer', 'the right token', '', 'header');
    for (const guess of ['x', 'the right token', 'the right tokes', 'the right token and more'])
      bearer.authenticate(request(`Bearer ${guess}`));
    assert.equal(compare.mock.callCount(), 4);
    for (const { arguments: sides } of compare.mock.calls)
      assert.deepEqual([sides[0].byteLength, sides[1].byteLength], [32, 32]);
  });

  it('T54 compares a header with the one that was right last over the same bytes, however long it is', () => {
    const known = new KnownHeader();
    known.set('Basic the right one');
    const compare = mock.method(crypto, 'timingSafeEqual');
    const longest = 'x'.repeat(256);
    for (const guess of ['x', '', 'Basic the right ont', 'Basic the right one and more', longest])
      assert.equal(known.matches(guess), false);
    assert.equal(known.matches('Basic the right one'), true);
    assert.equal(compare.mock.callCount(), 6);
    for (const { arguments: sides } of compare.mock.calls)
      assert.deepEqual([sides[0].byteLength, sides[1].byteLength], [256, 256]);
    assert.equal(known.matches(`${longest}x`), false);
    known.set(`${longest}x`);
    assert.equal(known.matches('Basic the right one'), false, 'one that is too long takes its place');
    known.set(longest);
    assert.equal(known.matches(longest), true);
    assert.equal(new KnownHeader().matches(''), false);
  });

  it('T54 does the same for a user who exists and one who does not (plain passwords)', () => {
    const users = new UserList([['ann', 'right']], new HashQueue());
    const compare = mock.method(crypto, 'timingSafeEqual');
    assert.equal(users.check('ann', 'wrong'), false);
    assert.equal(users.check('nobody', 'wrong'), false);
    assert.equal(users.check('nobody', ''), false, 'the decoy is nobody');
    assert.equal(compare.mock.callCount(), 3);
  });

  it('T54 works out a hash for every name, known or not, hashed or plain', async () => {
    const queue = new HashQueue(1);
    const verify = mock.method(queue, 'verify');
    const users = new UserList(
      [
        ['ann', hash],
        ['bob', 'plain'],
      ],
      queue,
    );
    for (const [name, password, expected] of [
      ['ann', 'wrong', false],
      ['bob', 'wrong', false],
      ['nobody', 'wrong', false],
      ['nobody', 'right', false],
      ['ann', 'right', true],
      ['bob', 'plain', true],
    ] as const)
      assert.equal(await users.check(name, password), expected, `${name} ${password}`);
    assert.equal(verify.mock.callCount(), 6);
    assert.ok(verify.mock.calls.every(({ arguments: [, stored] }) => stored === hash));
  });

  it('T54 gives each unknown name a hash of its own among those of all users, which may cost differently', async () => {
    const queue = new HashQueue(1);
    const verify = mock.method(queue, 'verify', () => Promise.resolve(true));
    const dear = bcrypt.hashSync('right', 5);
    const users = new UserList(
      [
        ['ann', hash],
        ['bob', dear],
        ['zoe', 'plain'],
      ],
      queue,
    );
    const names = [...Array.from({ length: 64 }, (_, index) => `nobody ${index}`), 'zoe'];
    for (const round of [1, 2])
      for (const name of names) assert.equal(await users.check(name, `wrong ${round}`), false, name);
    const used = verify.mock.calls.map(({ arguments: [, stored] }) => stored);
    assert.deepEqual(new Set(used), new Set([hash, dear]));
    assert.deepEqual(used.slice(names.length), used.slice(0, names.length), 'always the same for a name');
  });
});
