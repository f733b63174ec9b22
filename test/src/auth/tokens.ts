/** JSON Web Tokens made by hand, so that what is wrong with them can be chosen. */
import { type KeyObject, createHmac, sign } from 'node:crypto';

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function signature(alg: string, key: KeyObject | string, text: string): string {
  const hash = `sha${alg.slice(2).replace('256K', '256')}`;
  const data = Buffer.from(text);
  if (alg.startsWith('HS')) return createHmac(hash, key).update(data).digest('base64url');
  if (typeof key === 'string') throw new Error('a shared secret signs HS only');
  if (alg === 'EdDSA') return sign(null, data, key).toString('base64url');
  if (alg.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  const pss = alg.startsWith('PS') ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 } : {};
  return sign(hash, data, { key, ...pss }).toString('base64url');
}

/** A token with this header and these claims. */
export function newToken(header: Record<string, unknown>, claims: unknown, key: KeyObject | string): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signature(String(header['alg']), key, text)}`;
}

/** A token nobody has signed. */
export function unsignedToken(header: Record<string, unknown>, claims: unknown, end = ''): string {
  return `${encode(header)}.${encode(claims)}.${end}`;
}
