import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of our own hashes: 16 MB and some 50 ms on a Raspberry Pi 4. */
const cost = { N: 2 ** 14, r: 8, p: 1, length: 32 } as const;
/** Longest password bcrypt tells apart, in bytes; longer ones are refused instead of being cut. */
const bcryptLength = 72;

const scryptPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{8,64})\$([\w+/]{16,128})$/;

/** True for a stored password that is a hash this file can check; anything else is taken as plain text. */
export function isHashed(stored: string): boolean {
  return isBcrypt(stored) || scryptPattern.test(stored);
}

/** True for a bcrypt hash (`$2a$`, `$2b$`, `$2y$`). */
export function isBcrypt(stored: string): boolean {
  return /^\$2[aby]\$\d{2}\$[./A-Za-z\d]{53}$/.test(stored);
}

/** A scrypt hash of a password with a salt of its own: `$scrypt$ln=14,r=8,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost.N, cost.r, cost.p, cost.length);
  return `$scrypt$ln=${Math.log2(cost.N)},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Checks a password against a hash, off the event loop or in small steps. A password with NUL never matches. */
export async function verifyHash(password: string, stored: string): Promise<boolean> {
  if (password.includes('\0')) return false;
  if (isBcrypt(stored)) {
    const { compare } = await import('bcryptjs');
    const isRight = await compare(password, stored);
    return isRight && Buffer.byteLength(password) <= bcryptLength;
  }
  const match = scryptPattern.exec(stored);
  if (!match) return false;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match;
  const right = Buffer.from(hash, 'base64');
  const N = 2 ** Number(ln);
  // A hash from elsewhere may ask for more memory than the machine has.
  if (128 * N * Number(r) > 64 * 1024 * 1024) return false;
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, 'base64'), N, Number(r), Number(p), right.length),
    right,
  );
}

function derive(password: string, salt: Buffer, N: number, r: number, p: number, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
