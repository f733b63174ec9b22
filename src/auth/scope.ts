import { HttpError } from '../errors.js';
import { type Principal, realmOf } from './authenticator.js';

/**
 * What the claims of a token allow: `scope` is a text of names with blanks between (RFC 8693 4.2), others send `scp`, and
 * either as a list.
 */
export function scopesOf(claims: Readonly<Record<string, unknown>>): readonly string[] {
  const claim = claims['scope'] ?? claims['scp'];
  const names: readonly unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return names.filter((name) => typeof name === 'string' && name !== '') as string[];
}

/**
 * Demands every one of these scopes from a user. A password has none.
 * @throws HttpError INSUFFICIENT_SCOPE: the 403 that tells the holder of a bearer token what is missing (RFC 6750 3.1)
 */
export function requireScopes(user: Principal, needed: readonly string[], realm: string): void {
  if (needed.every((scope) => user.scopes?.includes(scope))) return;
  const isBearer = user.scheme === 'bearer' || user.scheme === 'jwt';
  const challenge = `Bearer ${realmOf(realm)}, error="insufficient_scope", scope="${needed.join(' ')}"`;
  throw new HttpError('INSUFFICIENT_SCOPE', isBearer ? { headers: { 'WWW-Authenticate': challenge } } : {});
}
