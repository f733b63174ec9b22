import { randomBytes, scrypt } from 'node:crypto';

/** Cost of our own hashes: 16 MB and some 50 ms on a Raspberry Pi 4. */
const cost = { N: 2 ** 14, r: 8, p: 1, length: 32 } as const;
/** Our scrypt hashes: cost, block size, parallelism, salt and hash in base64. */
export const scryptPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{8,64})\$([\w+/]{16,128})$/;

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
  const { N, r, p, length } = cost;
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
  return `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
