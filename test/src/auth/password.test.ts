import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import bcrypt from 'bcryptjs';
import { isBcrypt, isHashed } from '../../../src/auth/password.js';
import { verifyHash } from '../../../src/auth/verify-hash.js';
import { hashPassword } from '../../../src/index.js';

describe('a stored password', () => {
  it('is told from plain text by its form alone', async () => {
    assert.ok(isBcrypt(bcrypt.hashSync('x', 4)));
    assert.ok(isHashed(await hashPassword('x')));
    for (const plain of ['', 'x', '$2b$', '$2b$10$short', '$scrypt$', '$apr1$x$y', '$2x$10$'.padEnd(60, 'a')])
      assert.equal(isHashed(plain), false, plain);
  });

  it('as bcrypt of every minor version is verified', () => {
    // A vector of the OpenBSD family, checked with other implementations.
    assert.equal(verifyHash('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), true);
    assert.equal(verifyHash('U*V', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), false);
    const hash = bcrypt.hashSync('pässword', 4);
    for (const version of ['$2a$', '$2b$', '$2y$'])
      assert.equal(verifyHash('pässword', hash.replace('$2b$', version)), true, version);
  });

  it('as scrypt is verified, each with a salt of its own', async () => {
    const hash = await hashPassword('swordfish');
    assert.match(hash, /^\$scrypt\$ln=14,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.notEqual(hash, await hashPassword('swordfish'));
    assert.equal(verifyHash('swordfish', hash), true);
    assert.equal(verifyHash('swordfisH', hash), false);
    assert.equal(verifyHash('', hash), false);
  });

  it('T56 longer than bcrypt reads is refused instead of being cut', () => {
    const full = 'x'.repeat(72);
    const hash = bcrypt.hashSync(full, 4);
    assert.equal(verifyHash(full, hash), true);
    assert.equal(verifyHash(`${full}y`, hash), false);
    assert.equal(verifyHash('ü'.repeat(36), bcrypt.hashSync('ü'.repeat(36), 4)), true);
    assert.equal(verifyHash('ü'.repeat(37), bcrypt.hashSync('ü'.repeat(37), 4)), false);
  });

  it('T56 of 64 characters and more is welcome with scrypt, and a NUL ends nothing', async () => {
    const long = 'correct horse '.repeat(20);
    assert.equal(verifyHash(long, await hashPassword(long)), true);
    assert.equal(verifyHash('a\0b', bcrypt.hashSync('a', 4)), false);
    assert.equal(verifyHash('a\0b', await hashPassword('a\0b')), false);
  });

  it('T56 is the same in both Unicode spellings', async () => {
    const hash = await hashPassword('u\u0308ber');
    assert.equal(verifyHash('über', hash), true);
  });

  it('T53 whose hash asks for more memory than is allowed never matches', () => {
    assert.equal(verifyHash('x', '$scrypt$ln=20,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'), false);
    assert.equal(verifyHash('x', '$scrypt$ln=99,r=99,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'), false);
  });
});
