import { performance } from 'node:perf_hooks';

/** A limit: so many in so much time for each key. */
export interface RateLimitOptions {
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  /** Keys kept at most; those not seen for longest are forgotten first. */
  readonly maxKeys?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** What became of one request. */
export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  /** Requests left now. */
  readonly remaining: number;
  /** Seconds until the full limit is there again. */
  readonly reset: number;
  /** Seconds until the next one is allowed; 0 when it is. */
  readonly retryAfter: number;
}

interface Counter {
  /** Index of the window the current count belongs to. */
  window: number;
  count: number;
  previous: number;
}

/**
 * A sliding window counter: the last full window counts in the part of it that the sliding window still covers. Two
 * numbers a key, whatever the limit.
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #counters = new Map<string, Counter>();

  constructor({ limit, window, maxKeys = 10_000, now = () => performance.now() }: RateLimitOptions) {
    this.#limit = limit;
    this.#windowMs = window * 1000;
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#counters.size;
  }

  /** Counts one request of a key, unless it is over the limit. */
  take(key: string): RateDecision {
    const now = this.#now();
    const window = Math.floor(now / this.#windowMs);
    const passed = (now % this.#windowMs) / this.#windowMs;
    const counter = this.#counterOf(key, window);
    const used = counter.previous * (1 - passed) + counter.count;
    const allowed = used + 1 <= this.#limit;
    if (allowed) counter.count += 1;
    const remaining = Math.max(0, Math.floor(this.#limit - used - (allowed ? 1 : 0)));
    const rest = (1 - passed) * this.#windowMs;
    return {
      allowed,
      limit: this.#limit,
      remaining,
      reset: Math.ceil(rest / 1000),
      retryAfter: allowed ? 0 : this.#wait(counter, passed),
    };
  }

  #counterOf(key: string, window: number): Counter {
    const old = this.#counters.get(key);
    const counter: Counter =
      !old || old.window < window - 1
        ? { window, count: 0, previous: 0 }
        : old.window === window
          ? old
          : { window, count: 0, previous: old.count };
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    if (this.#counters.size > this.#maxKeys) {
      const oldest = this.#counters.keys().next();
      if (!oldest.done) this.#counters.delete(oldest.value);
    }
    return counter;
  }

  /** Seconds until the sliding window has room for one more. */
  #wait({ count, previous }: Counter, passed: number): number {
    const free = this.#limit - 1 - count;
    // Within this window what came before fades out; if that is not enough, this window's own count must.
    const share =
      free >= 0 && previous > 0
        ? 1 - free / previous - passed
        : 1 - passed + Math.max(0, 1 - (this.#limit - 1) / Math.max(1, count));
    return Math.max(1, Math.ceil((share * this.#windowMs) / 1000));
  }
}

/** Headers that tell a client about its limit (the IETF draft's three, and `Retry-After` when it has to wait). */
export function rateLimitHeaders({ limit, remaining, reset, retryAfter }: RateDecision): Record<string, string> {
  return {
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(reset),
    ...(retryAfter > 0 && { 'Retry-After': String(retryAfter) }),
  };
}
