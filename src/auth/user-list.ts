import { performance } from 'node:perf_hooks';
import type { HashQueue } from './hash-queue.js';
import { isHashed } from './password.js';
import { digest, matchesDigest } from './secret.js';

/** How long a successful expensive check is remembered (ms), and how many of them. */
const remembered = { milliseconds: 300_000, entries: 256 } as const;

/** A password as it is kept. */
type Stored = { readonly hash: string } | { readonly plain: Buffer };

/** What a password is compared with where there is no user. */
const nobody = digest('');

/** Users and their passwords, plain or hashed. */
export class UserList {
  readonly #users = new Map<string, Stored>();
  /** The hashes of all users. */
  readonly #hashes: string[] = [];
  readonly #queue: HashQueue;
  /** Digests of credentials that were right, never the credentials, and until when that counts. */
  readonly #right = new Map<string, number>();
  /** Checks under way: the many requests of one page cost one check. */
  readonly #pending = new Map<string, Promise<boolean>>();

  constructor(users: Iterable<readonly [name: string, password: string]>, queue: HashQueue) {
    this.#queue = queue;
    for (const [name, password] of users) {
      const stored: Stored = isHashed(password) ? { hash: password } : { plain: digest(password.normalize('NFC')) };
      this.#users.set(name.normalize('NFC'), stored);
      if ('hash' in stored) this.#hashes.push(stored.hash);
    }
  }

  /** True when no password is kept as a hash: who keeps hashes wants no password in memory. */
  get isPlain(): boolean {
    return this.#hashes.length === 0;
  }

  /**
   * Checks a name and password, both in Unicode form NFC.
   * @param beforeHash called when a hash is about to be worked out; what it throws ends the check
   * @throws HttpError OVERLOADED
   */
  check(name: string, password: string, beforeHash?: () => void): boolean | Promise<boolean> {
    const user = this.#users.get(name);
    const plain = user && 'plain' in user ? user.plain : nobody;
    if (this.isPlain) return matchesDigest(password, plain) && user !== undefined;
    const key = digest(JSON.stringify([name, password])).toString('base64');
    const until = this.#right.get(key);
    if (until !== undefined && until > performance.now()) return true;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const check = this.#queue
      .verify(password, user && 'hash' in user ? user.hash : this.#decoyFor(name), beforeHash)
      .then((fits) => {
        const isRight = user && 'hash' in user ? fits : matchesDigest(password, plain);
        return isRight && user !== undefined && this.#remember(key);
      })
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, check);
    return check;
  }

  /**
   * The hash that is worked out for an unknown name, or a plain password beside hashes, so that time tells nothing about
   * who exists. Hashes may cost differently: each name has its own among all there are, always the same.
   */
  #decoyFor(name: string): string {
    return this.#hashes[digest(name).readUInt32BE() % this.#hashes.length] ?? '';
  }

  #remember(key: string): true {
    this.#right.delete(key);
    this.#right.set(key, performance.now() + remembered.milliseconds);
    const oldest = this.#right.keys().next();
    if (this.#right.size > remembered.entries && !oldest.done) this.#right.delete(oldest.value);
    return true;
  }
}
