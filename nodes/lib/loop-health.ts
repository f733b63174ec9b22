import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Milliseconds between two looks at the event loop. */
const resolution = 20;

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
  readonly #delay = monitorEventLoopDelay({ resolution });
  #before: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  /** The figures since the last call. */
  read(): LoopHealth {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    const { mean, max, count } = this.#delay;
    this.#before = now;
    this.#delay.reset();
    const late = (nanoseconds: number): number =>
      count === 0 ? 0 : Math.round(Math.max(0, nanoseconds / 1e6 - resolution) * 10) / 10;
    return {
      eventLoopDelay: late(mean),
      longestStall: late(max),
      utilization: Math.round(utilization * 1000) / 1000,
    };
  }

  close(): void {
    this.#delay.disable();
  }
}
