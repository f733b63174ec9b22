import { type AccessEntry, Access } from '../auth/access.js';
import { admit } from '../auth/admit.js';
import type { Principal } from '../auth/authenticator.js';
import type { Lockout } from '../auth/lockout.js';
import type { JwtOptions } from '../auth/jwt.js';
import { requireScopes } from '../auth/scope.js';
import type { TokenSource } from '../auth/token.js';
import type { Request } from './request.js';
import type { Server } from './server.js';

/** What is said of a token besides its text. */
export interface TokenOptions {
  /** The name `request.user` gets. */
  readonly name?: string;
  /** Where it is looked for. Default "header"; values of a query are masked in logs. */
  readonly from?: TokenSource;
  /** What it allows, for {@link requireAuthentication}. Default none. */
  readonly scopes?: readonly string[];
}

/** One way to come in. */
export interface Authentication {
  /** The entry of the engine's access table. */
  readonly entry: AccessEntry;
}

/** A user name and a password, plain or as a bcrypt or scrypt hash (API row AU1). */
export class Basic implements Authentication {
  readonly entry: AccessEntry;

  constructor(username: string, password: string) {
    this.entry = { scheme: 'basic', username, password };
  }
}

/** A fixed token, sent as `Authorization: Token …` (API row AU2). */
export class Token implements Authentication {
  readonly entry: AccessEntry;

  constructor(token: string, { name = '', from = 'header', scopes = [] }: TokenOptions = {}) {
    this.entry = { scheme: 'token', token, name, from, scopes };
  }
}

/** A fixed token, sent as `Authorization: Bearer …`: never taken for a {@link Token}, nor the other way round. */
export class Bearer implements Authentication {
  readonly entry: AccessEntry;

  constructor(token: string, { name = '', from = 'header', scopes = [] }: TokenOptions = {}) {
    this.entry = { scheme: 'bearer', token, name, from, scopes };
  }
}

/** A signed token (JWT), verified by a secret, a public key or a key set; beyond the API. */
export class Jwt implements Authentication {
  readonly entry: AccessEntry;

  constructor(options: JwtOptions) {
    this.entry = { scheme: 'jwt', ...options };
  }
}

/** The users of an htpasswd file, which may change on disk; beyond the API. */
export class Htpasswd implements Authentication {
  readonly entry: AccessEntry;

  constructor(path: string) {
    this.entry = { scheme: 'htpasswd', path };
  }
}

/** Lists that were used before: a list is read once. */
const known = new WeakMap<readonly Authentication[], Access>();

/**
 * The engine's access for a list of authentications; a password or key file that cannot be used is told of in the log.
 * @throws Error for a key that is none
 */
export function accessOf(authentications: readonly Authentication[], server: Pick<Server, 'realm' | 'warn'>): Access {
  let access = known.get(authentications);
  if (!access) {
    access = new Access({
      realm: server.realm,
      entries: authentications.map(({ entry }) => entry),
      onProblem: (problem) => {
        if (problem !== '') server.warn(`Nobody can come in by it: ${problem}`);
      },
    });
    known.set(authentications, access);
  }
  return access;
}

/**
 * Says whether any one of the list lets the request in (API row AU4). A list given once should be kept: it is read the
 * first time only.
 * @throws HttpError OVERLOADED
 */
export async function checkAuthentication(
  request: Request,
  authentications: readonly Authentication[],
): Promise<boolean> {
  return (await accessOf(authentications, request.server).check(request.raw)).kind === 'granted';
}

/**
 * Lets a request go on or not (API row AU5); `request.user` is then who it is.
 * @param scopes what its token has to allow; a password allows none
 * @throws HttpError AUTHENTICATION_REQUIRED: the 401 with a challenge for each scheme, unless the handler catches it;
 *   INSUFFICIENT_SCOPE (403) for a token that does not allow all of `scopes`; TOO_MANY_REQUESTS (429) after too many
 *   failures
 */
export async function requireAuthentication(
  request: Request,
  authentications: readonly Authentication[],
  scopes: readonly string[] = [],
): Promise<Principal> {
  const { server, raw } = request;
  const access = accessOf(authentications, server);
  const user = await admit(access, raw.exchange.context.lockout() as Lockout, raw, raw.ip);
  raw.user = user;
  requireScopes(user, scopes, access.realm);
  return user;
}
