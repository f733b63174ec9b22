import type http from 'node:http';
import type { AccessCheck } from '../auth/access.js';
import { admit } from '../auth/admit.js';
import type { Principal } from '../auth/authenticator.js';
import type { Lockout } from '../auth/lockout.js';
import { requireScopes } from '../auth/scope.js';
import { IncomingMessage } from '../exchange/request.js';

/** A request as Express shapes it. */
type Shaped = http.IncomingMessage & {
  query?: Record<string, unknown>;
  cookies?: Record<string, string>;
  ip?: string;
  user?: unknown;
};

/**
 * Lets a request in, ours or one of the core `http in`, and notes on it who it is. Failures are counted by the server of
 * the request, else by `lockout`. From here on what the request proves itself by is masked wherever it is shown.
 * @param scopes what its token has to allow
 * @throws HttpError AUTHENTICATION_REQUIRED with challenges, INSUFFICIENT_SCOPE, TOO_MANY_REQUESTS, ACCESS_UNUSABLE, OVERLOADED
 */
export function admitRequest(
  request: http.IncomingMessage,
  access: AccessCheck,
  lockout: () => Lockout,
  scopes: readonly string[] = [],
): Principal | Promise<Principal> {
  const shaped = request as Shaped;
  if (request instanceof IncomingMessage) {
    request.exchange.addSecretPlaces(access.places);
  }
  const enter = (user: Principal): Principal => {
    shaped.user = user;
    requireScopes(user, scopes, access.realm);
    return user;
  };
  const counts = request instanceof IncomingMessage ? (request.exchange.context.lockout() as Lockout) : lockout();
  const admitted = admit(access, counts, shaped, shaped.ip ?? request.socket.remoteAddress ?? '');
  return admitted instanceof Promise ? admitted.then(enter) : enter(admitted);
}
