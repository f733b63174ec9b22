import type { IncomingHttpHeaders } from 'node:http';

/** Who was let in: `msg.req.user`. */
export interface Principal {
  readonly name: string;
  readonly scheme: string;
  /** What its token allows (RFC 6749 3.3): the scopes of a JWT, or those a fixed token was given; missing when none. */
  readonly scopes?: readonly string[];
  /** The verified claims of a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The subject of a client certificate. */
  readonly subject?: Readonly<Record<string, string | readonly string[]>>;
}

/** What of a request credentials are read from. */
export interface AuthRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly cookies?: Readonly<Record<string, string>>;
}

/** What one way to come in says of a request. */
export type Verdict =
  | { readonly kind: 'granted'; readonly user: Principal }
  /** `presented`: credentials of this kind were there, but not right. */
  | { readonly kind: 'refused'; readonly presented: boolean }
  /** It cannot tell (a password file is gone): nobody comes in by it. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** One way to come in. */
export interface Authenticator {
  /** Name of the challenge a 401 carries for it. */
  readonly challenge: 'Basic' | 'Token' | 'Bearer';
  /** @param beforeHash called when an expensive check is about to begin; what it throws ends the check */
  authenticate(request: AuthRequest, beforeHash?: () => void): Verdict | Promise<Verdict>;
}

/** Nothing of this kind was presented. */
export const absent: Verdict = { kind: 'refused', presented: false };
/** Something was presented, and it is wrong. */
export const wrong: Verdict = { kind: 'refused', presented: true };

/**
 * The credentials of an Authorization header with this scheme, any case (RFC 9110 11.4); undefined for another scheme.
 */
export function schemeCredentials(headers: IncomingHttpHeaders, scheme: string): string | undefined {
  const header = headers.authorization;
  if (header === undefined) return undefined;
  const space = header.indexOf(' ');
  if (space !== scheme.length || header.slice(0, space).toLowerCase() !== scheme) return undefined;
  return header.slice(space + 1).trim();
}

/** The `realm` parameter of a challenge: always a quoted string (RFC 9110 11.5). */
export function realmOf(realm: string): string {
  return `realm="${realm.replace(/["\\]/g, '\\$&')}"`;
}
