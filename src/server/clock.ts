import { performance } from 'node:perf_hooks';

/** How often the server looks at its deadlines, in milliseconds. */
export const tickInterval = 250;
/** A tick that comes so many milliseconds after the one before tells that the process stood still. */
const stall = 4 * tickInterval;
/** Milliseconds after a stall in which what clients had sent meanwhile may not have been read yet. */
const aftermath = 100;

/**
 * A monotonic clock for deadlines. It moves on in ticks, and a tick never counts for more than twice its length: when
 * the process itself stood still (a flow that blocks for seconds), no client is punished for it.
 */
export class Clock {
  #now = 0;
  #last = performance.now();
  #stalledAt = -Infinity;
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

  /** True when the process stood still just now: what came meanwhile has not been seen. */
  get stoodStill(): boolean {
    const now = performance.now();
    return now - this.#last > stall || now - this.#stalledAt < aftermath;
  }

  start(): void {
    if (this.#timer) return;
    this.#last = performance.now();
    this.#timer = setInterval(() => {
      this.#now += this.#sinceTick();
      const now = performance.now();
      if (now - this.#last > stall) this.#stalledAt = now;
      this.#last = now;
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
