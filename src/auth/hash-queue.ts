import { HttpError } from '../errors.js';

/** Password hashes worked out at once, and how many may wait (threat T53): the rest is told to come back. */
export const hashLimits = { running: 4, waiting: 32 } as const;

/** Keeps expensive password checks from taking the machine. */
export class HashQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Runs a check when it is its turn. @throws HttpError OVERLOADED when too many wait */
  async run<T>(check: () => Promise<T>): Promise<T> {
    if (this.#running >= hashLimits.running) {
      if (this.#waiting.length >= hashLimits.waiting)
        throw new HttpError('OVERLOADED', { headers: { 'Retry-After': '2' } });
      // Whoever ends hands its place over, so the count stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await check();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
