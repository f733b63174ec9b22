import { HttpError } from '../errors.js';
import type { SecretPlaces } from '../http/mask.js';
import { type AuthRequest, type Authenticator, type Principal, type Verdict, realmOf } from './authenticator.js';
import type * as Authenticators from './authenticators.js';
import { parseBasic } from './basic.js';
import type { JwtOptions } from './jwt.js';
import type { TokenSource } from './token.js';
import type { WatchedFile } from './watched-file.js';

/** One way to come in, as it is configured. */
export type AccessEntry =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly scheme: 'token' | 'bearer';
      readonly token: string;
      readonly name: string;
      readonly from: TokenSource;
      /** What it allows. Default none. */
      readonly scopes?: readonly string[];
    }
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
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/** How an {@link Access} is made. */
export interface AccessOptions {
  readonly realm: string;
  readonly entries: readonly AccessEntry[];
  readonly onProblem?: (problem: string) => void;
}

/** What decides about requests: an {@link Access}, or what stands for one that may be replaced. */
export interface AccessCheck {
  /** What its challenges say is asked for. */
  readonly realm: string;
  /** Where requests carry secrets: masked in logs, Debug and messages. */
  readonly places: SecretPlaces;
  /**
   * Checks a request; at once where no hash, file or signature is needed.
   * @param beforeHash called when an expensive check is about to begin; what it throws ends the check
   * @throws HttpError OVERLOADED
   */
  check(request: AuthRequest, beforeHash?: () => void): AccessResult | Promise<AccessResult>;
  /** Whom a request claims to be, for counting failures: '' for a token, undefined when it presents nothing. */
  claimedName(request: AuthRequest): string | undefined;
}

/** Who may come in: any one of the entries suffices. Fails closed. */
export class Access implements AccessCheck {
  readonly realm: string;
  readonly places: SecretPlaces;
  readonly #authenticators: readonly Authenticator[];
  readonly #challenges: readonly string[];
  readonly #files: readonly WatchedFile<unknown>[];
  readonly #onProblem: (problem: string) => void;
  readonly #fixedProblem: string;
  #fileProblem = '';

  /**
   * @param onProblem told when {@link problem} changes: a password file disappears or comes back
   * @throws Error for an entry that cannot be used (a key that is none)
   */
  constructor({ realm, entries, onProblem = () => undefined }: AccessOptions) {
    const { authenticatorsOf } = require('./authenticators.js') as typeof Authenticators;
    const { authenticators, files } = authenticatorsOf(entries);
    this.realm = realm;
    this.#authenticators = authenticators;
    this.#files = files;
    this.#onProblem = onProblem;
    this.#challenges = [...new Set(authenticators.map(({ challenge }) => challenge))];
    this.#fixedProblem = entries.length === 0 ? 'there is no usable entry' : '';
    this.places = placesOf(entries);
  }

  /** Why nobody can come in, or not by a file; '' when all is well. */
  get problem(): string {
    return this.#fixedProblem || this.#fileProblem;
  }

  /** Looks at password and key files: their state is then {@link problem}. @returns true when there are any */
  probe(): boolean {
    void this.#probe();
    return this.#files.length > 0;
  }

  check(request: AuthRequest, beforeHash?: () => void): AccessResult | Promise<AccessResult> {
    if (this.#fixedProblem !== '') return { kind: 'unusable', reason: this.#fixedProblem };
    const verdicts: Verdict[] = [];
    for (const [index, authenticator] of this.#authenticators.entries()) {
      const verdict = authenticator.authenticate(request, beforeHash);
      if (verdict instanceof Promise) return this.#checkRest(request, beforeHash, verdicts, verdict, index);
      if (verdict.kind === 'granted') return verdict;
      verdicts.push(verdict);
    }
    return this.#refuse(verdicts);
  }

  claimedName(request: AuthRequest): string | undefined {
    const basic = parseBasic(request.headers)?.name;
    if (basic !== undefined) return basic;
    if (request.headers.authorization !== undefined) return '';
    const { cookies, query } = this.places;
    const carries = (names: ReadonlySet<string>, values: object | undefined): boolean =>
      names.size > 0 && values !== undefined && Object.keys(values).some((name) => names.has(name));
    return carries(cookies, request.cookies) || carries(query, request.query) ? '' : undefined;
  }

  async #probe(): Promise<void> {
    let problem = '';
    for (const file of this.#files) problem ||= unusableReason(await file.get());
    if (problem === this.#fileProblem) return;
    this.#fileProblem = problem;
    this.#onProblem(this.problem);
  }

  async #checkRest(
    request: AuthRequest,
    beforeHash: (() => void) | undefined,
    verdicts: Verdict[],
    pending: Promise<Verdict>,
    index: number,
  ): Promise<AccessResult> {
    let verdict = await pending;
    for (let next = index + 1; ; next += 1) {
      if (verdict.kind === 'granted') return verdict;
      verdicts.push(verdict);
      const authenticator = this.#authenticators[next];
      if (!authenticator) return this.#refuse(verdicts);
      verdict = await authenticator.authenticate(request, beforeHash);
    }
  }

  #refuse(verdicts: readonly Verdict[]): AccessResult {
    const broken = verdicts.find((verdict) => verdict.kind === 'unusable');
    if (broken) {
      this.probe();
      return broken;
    }
    const presented = verdicts.some((verdict) => verdict.kind === 'refused' && verdict.presented);
    const isWrongBearer = verdicts.some(
      (verdict, index) =>
        verdict.kind === 'refused' && verdict.presented && this.#authenticators[index]?.challenge === 'Bearer',
    );
    const challenges = this.#challenges.map((scheme) => {
      const extra =
        scheme === 'Basic'
          ? ', charset="UTF-8"'
          : scheme === 'Bearer' && isWrongBearer
            ? ', error="invalid_token"'
            : '';
      return `${scheme} ${realmOf(this.realm)}${extra}`;
    });
    const error = new HttpError('AUTHENTICATION_REQUIRED', { headers: { 'WWW-Authenticate': challenges } });
    return { kind: 'refused', error, presented };
  }
}

function placesOf(entries: readonly AccessEntry[]): SecretPlaces {
  const named = (kind: string): ReadonlySet<string> =>
    new Set(
      entries.flatMap((entry) =>
        'from' in entry && entry.from.startsWith(kind) ? [entry.from.slice(kind.length)] : [],
      ),
    );
  return { cookies: named('cookie:'), query: named('query:') };
}

function unusableReason(value: unknown): string {
  const reason = (value as { unusable?: unknown } | undefined)?.unusable;
  return typeof reason === 'string' ? reason : '';
}
