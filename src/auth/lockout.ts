import { performance } from 'node:perf_hooks';
import { networkOf } from './network-of.js';

/** An address that has to wait. */
export interface Locked {
  readonly address: string;
  /** Seconds. */
  readonly wait: number;
}

/** What slows guessing down. */
export interface LockoutOptions {
  /** Failed logins a minute from one address for one user name; 0 off. */
  readonly limit: number;
  /** Addresses and names kept at most; those that failed longest ago are forgotten first. */
  readonly maxKeys?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** Told once when an address has failed too often. */
  readonly onLocked?: (locked: Locked) => void;
}

const minute = 60_000;
/** Characters of a user name that tell it from others. */
const longestName = 128;

/**
 * Counts failed logins by address and user name (threat T53). The names are the attacker's to choose, so an address that
 * has failed for many of them is blocked as a whole. An IPv6 address stands for its /64: one client owns all of that.
 */
export class Lockout {
  limit: number;
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #onLocked: (locked: Locked) => void;
  /** Times of recent failures by key, oldest key first. */
  readonly #failures = new Map<string, number[]>();

  constructor({ limit, maxKeys = 4096, now = () => performance.now(), onLocked = () => undefined }: LockoutOptions) {
    this.limit = limit;
    this.#maxKeys = maxKeys;
    this.#now = now;
    this.#onLocked = onLocked;
  }

  /** True while nobody has failed lately: there is nothing to look up. */
  get isQuiet(): boolean {
    return this.#failures.size === 0;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#failures.size;
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
    const was = this.blocked(address, name);
    this.#note(keyOf(address, name));
    this.#note(keyOf(address));
    const wait = was > 0 ? 0 : this.blocked(address, name);
    if (wait > 0) this.#onLocked({ address, wait });
  }

  /** Forgets the failures of a user who got in. */
  succeed(address: string, name = ''): void {
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
    const times = this.#failures.get(key);
    const recent = times?.filter((time) => time > since);
    if (recent?.length === 0) this.#failures.delete(key);
    return recent;
  }
}

function keyOf(address: string, name?: string): string {
  const network = networkOf(address);
  return name === undefined ? network : `${network} ${name.slice(0, longestName)}`;
}
