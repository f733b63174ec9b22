import {
  type AuthRequest,
  type Authenticator,
  type Verdict,
  absent,
  schemeCredentials,
  wrong,
} from './authenticator.js';
import { digest, matchesDigest } from './secret.js';

/** Where a token is looked for: the Authorization header, a cookie or a query parameter. */
export type TokenSource = 'header' | `cookie:${string}` | `query:${string}`;

/** Longest token that is looked at, in characters (threat T55). */
export const maxTokenLength = 8192;

/** The token a request presents, if any: from the Authorization header with this scheme, or where `from` says. */
export function tokenOf(request: AuthRequest, scheme: string, from: TokenSource): string | undefined {
  if (from === 'header') return schemeCredentials(request.headers, scheme);
  const colon = from.indexOf(':');
  const name = from.slice(colon + 1);
  const values = from.startsWith('cookie:') ? request.cookies : request.query;
  const value: unknown = values && Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A fixed token, demanded as `Token …` or `Bearer …` (RFC 6750 2.1): one never passes for the other (API row AU2). */
export class TokenAuthenticator implements Authenticator {
  readonly challenge: 'Token' | 'Bearer';
  readonly #scheme: 'token' | 'bearer';
  readonly #name: string;
  readonly #scopes: readonly string[];
  readonly #right: Buffer;
  readonly #from: TokenSource;

  constructor(
    scheme: 'token' | 'bearer',
    token: string,
    name: string,
    from: TokenSource,
    scopes: readonly string[] = [],
  ) {
    this.challenge = scheme === 'token' ? 'Token' : 'Bearer';
    this.#scheme = scheme;
    this.#name = name || scheme;
    this.#scopes = scopes;
    this.#right = digest(token);
    this.#from = from;
  }

  authenticate(request: AuthRequest): Verdict {
    const token = tokenOf(request, this.#scheme, this.#from);
    if (token === undefined) return absent;
    if (token.length > maxTokenLength || !matchesDigest(token, this.#right)) return wrong;
    // A flow may write to it: every request has its own.
    const scopes = this.#scopes.length > 0 && { scopes: [...this.#scopes] };
    return { kind: 'granted', user: { name: this.#name, scheme: this.#scheme, ...scopes } };
  }
}
