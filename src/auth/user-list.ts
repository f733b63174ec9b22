import { performance } from 'node:perf_hooks';
import type { HashQueue } from './hash-queue.js';
import { isHashed, verifyHash } from './password.js';
import { digest, matchesDigest } from './secret.js';

/** How long a successful expensive check is remembered (ms), and how many of them. */
const remembered = { milliseconds: 300_000, entries: 256 } as const;

/** Users and their passwords, plain or hashed. */
export class UserList {
  readonly #users = new Map<string, { readonly hash: string } | { readonly plain: Buffer }>();
  /** Checked against for unknown names, so that time tells nothing about who exists. */
  readonly #decoy: { readonly hash: string } | { readonly plain: Buffer };
  readonly #queue: HashQueue;
  /** Digests of credentials that were right, never the credentials. */
  readonly #right = new Map<string, number>();

  constructor(users: Iterable<readonly [name: string, password: string]>, queue: HashQueue) {
    this.#queue = queue;
    let decoy: { readonly hash: string } | undefined;
    for (const [name, password] of users) {
      if (isHashed(password)) {
        const stored = { hash: password };
        this.#users.set(name, stored);
        decoy ??= stored;
      } else this.#users.set(name, { plain: digest(password) });
    }
    this.#decoy = decoy ?? { plain: digest('') };
  }

  /** Checks a name and password. @throws HttpError OVERLOADED */
  check(name: string, password: string): boolean | Promise<boolean> {
    const user = this.#users.get(name);
    const stored = user ?? this.#decoy;
    if ('plain' in stored) return matchesDigest(password, stored.plain) && user !== undefined;
    const key = digest(`${stored.hash}\0${name}\0${password}`).toString('base64');
    const until = this.#right.get(key);
    if (until !== undefined && until > performance.now()) return true;
    return this.#queue
      .run(() => verifyHash(password, stored.hash))
      .then((isRight) => {
        if (!isRight || user === undefined) return false;
        this.#right.set(key, performance.now() + remembered.milliseconds);
        const oldest = this.#right.keys().next();
        if (this.#right.size > remembered.entries && !oldest.done) this.#right.delete(oldest.value);
        return true;
      });
  }
}
