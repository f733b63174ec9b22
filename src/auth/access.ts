import { HttpError } from '../errors.js';
import type { AuthRequest, Authenticator, Principal, Verdict } from './authenticator.js';
import { BasicAuthenticator, parseBasic } from './basic.js';
import { HashQueue } from './hash-queue.js';
import { parseHtpasswd } from './htpasswd.js';
import { JwtAuthenticator, type JwtOptions } from './jwt.js';
import { TokenAuthenticator, type TokenSource } from './token.js';
import { UserList } from './user-list.js';
import { WatchedFile } from './watched-file.js';

/** One way to come in, as it is configured. */
export type AccessEntry =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | { readonly scheme: 'token' | 'bearer'; readonly token: string; readonly name: string; readonly from: TokenSource }
  | ({ readonly scheme: 'jwt' } & JwtOptions)
  | { readonly scheme: 'htpasswd'; readonly path: string };

/** What a set of credentials says of a request. */
export type AccessResult =
  | { readonly kind: 'granted'; readonly user: Principal }
  /** The 401 with its challenges. `presented`: the client tried something. */
  | {
      readonly kind: 'refused';
      readonly error: HttpError;
      readonly presented: boolean;
      readonly name: string | undefined;
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Who may come in: any one of the entries suffices. Fails closed. */
export class Access {
  /** Query parameters that carry secrets, in lower case: masked in logs. */
  readonly secretParameters: ReadonlySet<string>;
  /** Why nobody can come in; '' when somebody can. */
  readonly problem: string;
  readonly #realm: string;
  readonly #authenticators: readonly Authenticator[];
  readonly #challenges: readonly string[];

  /**
   * @param problem why there are no entries to use, when that is known already
   * @throws Error for an entry that cannot be used (a key that is none)
   */
  constructor({ realm, entries, problem = '' }: { realm: string; entries: readonly AccessEntry[]; problem?: string }) {
    const queue = new HashQueue();
    this.#realm = realm;
    this.#authenticators = authenticatorsOf(entries, queue);
    this.#challenges = [...new Set(this.#authenticators.map(({ challenge }) => challenge))];
    this.problem = problem || (entries.length === 0 ? 'there is no usable entry' : '');
    this.secretParameters = new Set(
      entries.flatMap((entry) =>
        'from' in entry && entry.from.startsWith('query:') ? [entry.from.slice(6).toLowerCase()] : [],
      ),
    );
  }

  /** Checks a request; at once where no hash, file or signature is needed. @throws HttpError OVERLOADED */
  check(request: AuthRequest): AccessResult | Promise<AccessResult> {
    if (this.problem !== '') return { kind: 'unusable', reason: this.problem };
    const verdicts: Verdict[] = [];
    for (const [index, authenticator] of this.#authenticators.entries()) {
      const verdict = authenticator.authenticate(request);
      if (verdict instanceof Promise) return this.#checkRest(request, verdicts, verdict, index);
      if (verdict.kind === 'granted') return verdict;
      verdicts.push(verdict);
    }
    return this.#refuse(request, verdicts);
  }

  /** The user name a request claims, for counting failures. */
  nameOf(request: AuthRequest): string | undefined {
    return parseBasic(request.headers)?.name;
  }

  async #checkRest(
    request: AuthRequest,
    verdicts: Verdict[],
    pending: Promise<Verdict>,
    index: number,
  ): Promise<AccessResult> {
    let verdict = await pending;
    for (let next = index + 1; ; next += 1) {
      if (verdict.kind === 'granted') return verdict;
      verdicts.push(verdict);
      const authenticator = this.#authenticators[next];
      if (!authenticator) return this.#refuse(request, verdicts);
      verdict = await authenticator.authenticate(request);
    }
  }

  #refuse(request: AuthRequest, verdicts: readonly Verdict[]): AccessResult {
    const broken = verdicts.find((verdict) => verdict.kind === 'unusable');
    if (broken) return broken;
    const presented = verdicts.some((verdict) => verdict.kind === 'refused' && verdict.presented);
    const isBearer = /^bearer /i.test(request.headers.authorization ?? '');
    const quoted = this.#realm.replace(/["\\]/g, '\\$&');
    const challenges = this.#challenges.map((scheme) => {
      const extra =
        scheme === 'Basic'
          ? ', charset="UTF-8"'
          : scheme === 'Bearer' && presented && isBearer
            ? ', error="invalid_token"'
            : '';
      return `${scheme} realm="${quoted}"${extra}`;
    });
    const error = new HttpError('AUTHENTICATION_REQUIRED', { headers: { 'WWW-Authenticate': challenges } });
    return { kind: 'refused', error, presented, name: this.nameOf(request) };
  }
}

function authenticatorsOf(entries: readonly AccessEntry[], queue: HashQueue): Authenticator[] {
  const users = entries.flatMap((entry) =>
    entry.scheme === 'basic' ? [[entry.username, entry.password] as const] : [],
  );
  const list = new UserList(users, queue);
  // The cheap ones first: a request they let in waits for nothing.
  const basic = users.length > 0 ? [new BasicAuthenticator('basic', () => list)] : [];
  const tokens = entries.flatMap((entry) =>
    entry.scheme === 'token' || entry.scheme === 'bearer'
      ? [new TokenAuthenticator(entry.scheme, entry.token, entry.name, entry.from)]
      : [],
  );
  const slow = entries.flatMap((entry): Authenticator[] => {
    if (entry.scheme === 'jwt') return [new JwtAuthenticator(entry)];
    if (entry.scheme !== 'htpasswd') return [];
    const file = new WatchedFile(entry.path, (text) => parseHtpasswd(text, queue));
    return [new BasicAuthenticator('htpasswd', () => file.get())];
  });
  return [...tokens, ...basic, ...slow];
}
