import { HttpError } from '../errors.js';
import type { AccessCheck, AccessResult } from './access.js';
import type { AuthRequest, Principal } from './authenticator.js';
import type { Lockout } from './lockout.js';

/**
 * Lets a request in or not: counts failures by address and user name, and slows guessing down.
 * @param address of the client, seen through trusted proxies
 * @returns who it is; at once where that needs no hash, file or signature
 * @throws HttpError AUTHENTICATION_REQUIRED with challenges, TOO_MANY_REQUESTS, ACCESS_UNUSABLE, OVERLOADED
 */
export function admit(
  access: AccessCheck,
  lockout: Lockout,
  request: AuthRequest,
  address: string,
): Principal | Promise<Principal> {
  const refuseLocked = (): void => {
    if (lockout.isQuiet) return;
    const wait = lockout.blocked(address, access.claimedName(request));
    if (wait > 0) throw new HttpError('TOO_MANY_REQUESTS', { headers: { 'Retry-After': String(wait) } });
  };
  const conclude = (result: AccessResult): Principal => {
    if (result.kind === 'granted') {
      const { user } = result;
      // A token forgives no guesses at the password that came along with it.
      lockout.succeed(address, user.scheme === 'basic' || user.scheme === 'htpasswd' ? user.name : '');
      return user;
    }
    if (result.kind === 'unusable') throw new HttpError('ACCESS_UNUSABLE', { detail: result.reason });
    if (result.presented) lockout.fail(address, access.claimedName(request));
    throw result.error;
  };
  refuseLocked();
  // Once more before each hash: guesses that were sent at the same moment have failed meanwhile.
  const result = access.check(request, refuseLocked);
  return result instanceof Promise ? result.then(conclude) : conclude(result);
}
