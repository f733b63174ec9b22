import { scryptSync, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { isBcrypt, scryptPattern } from './password.js';

/** Longest password bcrypt tells apart, in bytes; longer ones are refused instead of being cut. */
const bcryptLength = 72;
/** Bytes a hash from elsewhere may ask for. */
const mostMemory = 64 * 1024 * 1024;

/**
 * Checks a password against a hash. Takes its time: for a thread of its own.
 *
 * **Security:** a password with NUL, or one longer than bcrypt reads, never matches (threat T56).
 */
export function verifyHash(password: string, stored: string): boolean {
  if (password.includes('\0')) return false;
  if (isBcrypt(stored)) return bcrypt.compareSync(password, stored) && Buffer.byteLength(password) <= bcryptLength;
  const match = scryptPattern.exec(stored);
  if (!match) return false;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match;
  const right = Buffer.from(hash, 'base64');
  const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  if (128 * options.N * options.r > mostMemory) return false;
  const found = scryptSync(password, Buffer.from(salt, 'base64'), right.length, {
    ...options,
    maxmem: 256 * options.N * options.r,
  });
  return timingSafeEqual(found, right);
}
