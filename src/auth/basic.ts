import {
  type AuthRequest,
  type Authenticator,
  type Verdict,
  absent,
  schemeCredentials,
  wrong,
} from './authenticator.js';
import { KnownHeader } from './secret.js';
import type { UserList } from './user-list.js';

/** User name and password of a Basic header (RFC 7617 2); undefined when there is none or it cannot be read. */
export function parseBasic(headers: AuthRequest['headers']): { name: string; password: string } | undefined {
  const credentials = schemeCredentials(headers, 'basic');
  if (credentials === undefined || !/^[\w+/-]+=*$/.test(credentials)) return undefined;
  // One spelling of composed characters (RFC 8265 4.2): keyboards and systems differ.
  const text = Buffer.from(credentials, 'base64').toString('utf8').normalize('NFC');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** HTTP Basic (RFC 7617) against a list of users; `users` may change (a password file) or be unusable. */
export class BasicAuthenticator implements Authenticator {
  readonly challenge = 'Basic';
  readonly #scheme: string;
  readonly #users: () => UserList | { readonly unusable: string } | Promise<UserList | { readonly unusable: string }>;

  /** The last header that was right, and what it was right for: clients repeat theirs with every request. */
  readonly #known = new KnownHeader();
  #knownTo: { readonly users: UserList; readonly name: string } | undefined;

  constructor(
    scheme: 'basic' | 'htpasswd',
    users: () => UserList | { readonly unusable: string } | Promise<UserList | { readonly unusable: string }>,
  ) {
    this.#scheme = scheme;
    this.#users = users;
  }

  authenticate(request: AuthRequest, beforeHash?: () => void): Verdict | Promise<Verdict> {
    const users = this.#users();
    return users instanceof Promise
      ? users.then((list) => this.#check(request, list, beforeHash))
      : this.#check(request, users, beforeHash);
  }

  #check(
    request: AuthRequest,
    users: UserList | { readonly unusable: string },
    beforeHash: (() => void) | undefined,
  ): Verdict | Promise<Verdict> {
    if ('unusable' in users) return { kind: 'unusable', reason: users.unusable };
    const { authorization } = request.headers;
    if (authorization === undefined) return absent;
    if (this.#knownTo?.users === users && this.#known.matches(authorization)) return this.#granted(this.#knownTo.name);
    const given = parseBasic(request.headers);
    if (!given) return schemeCredentials(request.headers, 'basic') === undefined ? absent : wrong;
    const verdict = (isRight: boolean): Verdict => (isRight ? this.#granted(given.name) : wrong);
    const isRight = users.check(given.name, given.password, beforeHash);
    if (typeof isRight !== 'boolean') return isRight.then(verdict);
    if (isRight && users.isPlain) {
      this.#known.set(authorization);
      this.#knownTo = { users, name: given.name };
    }
    return verdict(isRight);
  }

  #granted(name: string): Verdict {
    return { kind: 'granted', user: { name, scheme: this.#scheme } };
  }
}
