import { createHash } from 'node:crypto';
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
  /** Seconds until the next one is allowed; 0 when this one was. */
  readonly retryAfter: number;
}

/** Requests that came close together: counted as one entry of the log. */
interface Burst {
  readonly start: number;
  last: number;
  count: number;
}

interface Log {
  readonly bursts: Burst[];
  total: number;
}

/** Characters of a key that are kept as they are: clients choose headers of any length. */
const longestKey = 64;

/** Entries a key has at most; with a higher limit, requests within a 64th of the window share one. */
const mostBursts = 64;

/**
 * A sliding window: in no stretch of time as long as the window more than the limit, and a full limit again when a whole
 * window has passed. Requests that are refused are not counted.
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #window: number;
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #logs = new Map<string, Log>();

  constructor({ limit, window, maxKeys = 10_000, now = () => performance.now() }: RateLimitOptions) {
    this.#limit = limit;
    this.#window = window * 1000;
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#logs.size;
  }

  /** Counts one request of a key, unless it is over the limit. */
  take(key: string): RateDecision {
    const now = this.#now();
    const log = this.#logOf(key.length > longestKey ? digestOf(key) : key, now);
    const allowed = log.total < this.#limit;
    if (allowed) this.#note(log, now);
    const { bursts } = log;
    const seconds = (burst: Burst | undefined): number =>
      Math.max(1, Math.ceil(((burst?.last ?? now) + this.#window - now) / 1000));
    return {
      allowed,
      limit: this.#limit,
      remaining: this.#limit - log.total,
      reset: seconds(bursts[bursts.length - 1]),
      retryAfter: allowed ? 0 : seconds(bursts[0]),
    };
  }

  /** The requests of a key that still count; the key becomes the one seen last. */
  #logOf(key: string, now: number): Log {
    const log = this.#logs.get(key) ?? { bursts: [], total: 0 };
    this.#logs.delete(key);
    this.#logs.set(key, log);
    if (this.#logs.size > this.#maxKeys) {
      const oldest = this.#logs.keys().next();
      if (!oldest.done) this.#logs.delete(oldest.value);
    }
    let gone = 0;
    for (const burst of log.bursts) {
      if (burst.last + this.#window > now) break;
      gone += 1;
      log.total -= burst.count;
    }
    if (gone > 0) log.bursts.splice(0, gone);
    return log;
  }

  #note(log: Log, now: number): void {
    log.total += 1;
    const last = log.bursts[log.bursts.length - 1];
    if (last && this.#limit > mostBursts && now - last.start < this.#window / mostBursts) {
      last.last = now;
      last.count += 1;
    } else log.bursts.push({ start: now, last: now, count: 1 });
  }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
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
