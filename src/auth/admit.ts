import { HttpError } from '../errors.js';
import type { Access, AccessResult } from './access.js';
import type { AuthRequest, Principal } from './authenticator.js';
import type { Lockout } from './lockout.js';

/**
 * Lets a request in or not: counts failures by address and user name, and slows guessing down.
 * @param address of the client, seen through trusted proxies
 * @returns who it is; at once where that needs no hash, file or signature
 * @throws HttpError AUTHENTICATION_REQUIRED with challenges, TOO_MANY_REQUESTS, ACCESS_UNUSABLE, OVERLOADED
 */
export function admit(
  access: Access,
  lockout: Lockout,
  request: AuthRequest,
  address: string,
): Principal | Promise<Principal> {
  const wait = lockout.blocked(address, lockout.isQuiet ? undefined : access.nameOf(request));
  if (wait > 0) throw new HttpError('TOO_MANY_REQUESTS', { headers: { 'Retry-After': String(wait) } });
  const conclude = (result: AccessResult): Principal => {
    if (result.kind === 'granted') {
      lockout.succeed(address, result.user.name);
      return result.user;
    }
    if (result.kind === 'unusable') throw new HttpError('ACCESS_UNUSABLE', { detail: result.reason });
    if (result.presented) lockout.fail(address, result.name);
    throw result.error;
  };
  const result = access.check(request);
  return result instanceof Promise ? result.then(conclude) : conclude(result);
}
