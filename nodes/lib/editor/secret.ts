/** Secrets made in the browser: strong tokens, and password hashes, so that the password itself is never stored. */
import bcrypt from 'bcryptjs';

/** Bytes of randomness in a token: 256 bits. */
const TOKEN_BYTES = 32;

/** Cost of a hash: about 0.1 s on a desktop. */
const COST = 10;

/** A random token of 43 letters, digits, dashes and underscores. */
export function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** True when bcrypt would ignore the end of the password: it reads 72 bytes. */
export function isTooLongToHash(password: string): boolean {
  return bcrypt.truncates(password.normalize('NFC'));
}

/** The password as a bcrypt hash; what is a hash already stays as it is. */
export function hashPassword(password: string): string {
  return /^\$(2[aby]|scrypt)\$/.test(password) ? password : bcrypt.hashSync(password.normalize('NFC'), COST);
}
