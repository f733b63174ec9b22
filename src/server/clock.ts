import { performance } from 'node:perf_hooks';

/** How often the server looks at its deadlines, in milliseconds. */
export const tickInterval = 250;

/**
 * A monotonic clock for deadlines. It moves on in ticks, and a tick never counts for more than twice its length: when
 * the process itself stood still (a flow that blocks for seconds), no client is punished for it.
 */
export class Clock {
  #now = 0;
  #last = performance.now();
  #timer: NodeJS.Timeout | undefined;
  readonly #onTick: (now: number) => void;

  /** @param onTick called after every tick with the new time */
  constructor(onTick: (now: number) => void) {
    this.#onTick = onTick;
  }

  /** Milliseconds of served time. */
  get now(): number {
    return this.#now + this.#sinceTick();
  }

  start(): void {
    if (this.#timer) return;
    this.#last = performance.now();
    this.#timer = setInterval(() => {
      this.#now += this.#sinceTick();
      this.#last = performance.now();
      this.#onTick(this.#now);
    }, tickInterval);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sinceTick(): number {
    return Math.min(performance.now() - this.#last, 2 * tickInterval);
  }
}
