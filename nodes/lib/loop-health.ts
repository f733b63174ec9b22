import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Milliseconds between two looks at the event loop. */
const interval = 100;

/** How well the process keeps up, since it was last asked. */
export interface LoopHealth {
  /** Milliseconds by which the event loop comes late, on average. */
  readonly eventLoopDelay: number;
  /** Milliseconds of the longest time it stood still: a node that computed, a file that was read at once. */
  readonly longestStall: number;
  /** Share of the time it was busy, 0 to 1: near 1 there is no more to be had from this machine. */
  readonly utilization: number;
}

/** Watches the event loop of the process. */
export class LoopWatch {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #looks = 0;
  #late = 0;
  #latest = 0;
  #before: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.#timer = setInterval(() => this.#look(), interval).unref();
  }

  /** The figures since the last call. */
  read(): LoopHealth {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    // What has come late is not seen yet while this runs in its place.
    const latest = Math.max(this.#latest, performance.now() - this.#last - interval);
    const health = {
      eventLoopDelay: rounded(this.#looks === 0 ? latest : this.#late / this.#looks, 1),
      longestStall: rounded(latest, 1),
      utilization: rounded(utilization, 3),
    };
    this.#before = now;
    this.#looks = this.#late = this.#latest = 0;
    return health;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#last - interval);
    this.#last = now;
    this.#looks += 1;
    this.#late += late;
    this.#latest = Math.max(this.#latest, late);
  }
}

function rounded(value: number, digits: number): number {
  return Number(Math.max(0, value).toFixed(digits));
}
