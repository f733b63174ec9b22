import { performance } from 'node:perf_hooks';

/** What slows guessing down. */
export interface LockoutOptions {
  /** Failed logins a minute from one address for one user name; 0 off. */
  readonly limit: number;
  /** Addresses and names kept at most; the oldest are forgotten first. */
  readonly maxKeys?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const minute = 60_000;

/**
 * Counts failed logins by address and user name (threat T53). The names are the attacker's to choose, so an address that
 * has failed for many of them is blocked as a whole.
 */
export class Lockout {
  limit: number;
  readonly #maxKeys: number;
  readonly #now: () => number;
  /** Times of recent failures by key, oldest key first. */
  readonly #failures = new Map<string, number[]>();

  constructor({ limit, maxKeys = 4096, now = () => performance.now() }: LockoutOptions) {
    this.limit = limit;
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  /** True while nobody has failed lately: there is nothing to look up. */
  get isQuiet(): boolean {
    return this.#failures.size === 0;
  }

  /** Seconds until this address (and user name) may try again; 0 when it may now. */
  blocked(address: string, name?: string): number {
    if (this.limit <= 0 || this.#failures.size === 0) return 0;
    const byName = name === undefined ? 0 : this.#wait(keyOf(address, name), this.limit);
    return Math.max(byName, this.#wait(keyOf(address), this.limit * 2));
  }

  /** Notes a failed login. */
  fail(address: string, name = ''): void {
    if (this.limit <= 0) return;
    this.#note(keyOf(address, name));
    this.#note(keyOf(address));
  }

  /** Forgets the failures of a user who got in. */
  succeed(address: string, name: string): void {
    if (this.#failures.size > 0) this.#failures.delete(keyOf(address, name));
  }

  #wait(key: string, limit: number): number {
    const times = this.#recent(key);
    const oldest = times?.[times.length - limit];
    return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest + minute - this.#now()) / 1000));
  }

  #note(key: string): void {
    const times = this.#recent(key) ?? [];
    times.push(this.#now());
    this.#failures.delete(key);
    this.#failures.set(key, times.slice(-this.limit * 2));
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= this.#maxKeys) break;
      this.#failures.delete(oldest);
    }
  }

  #recent(key: string): number[] | undefined {
    const since = this.#now() - minute;
    return this.#failures.get(key)?.filter((time) => time > since);
  }
}

function keyOf(address: string, name?: string): string {
  return name === undefined ? address : `${address} ${name.slice(0, 128)}`;
}
