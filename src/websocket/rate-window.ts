import { performance } from 'node:perf_hooks';

/** Counts what happens within a second, to tell when it is too much. */
export class RateWindow {
  #start = 0;
  #count = 0;

  /** Counts one more. @returns false when it is one too many for this second */
  take(limit: number): boolean {
    const now = performance.now();
    if (now - this.#start >= 1000) {
      this.#start = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= limit;
  }
}
