import { performance } from 'node:perf_hooks';

/** A timer for many: one for a whole channel, which does not keep the process alive. */
export class Heartbeat {
  readonly #beat: () => void;
  #timer: NodeJS.Timeout | undefined;
  #seconds = 0;

  constructor(beat: () => void) {
    this.#beat = beat;
  }

  /** Beats every so many seconds from now on, or goes on as before when that is what it does; 0 stops. */
  start(seconds: number): void {
    if (this.#timer !== undefined && seconds === this.#seconds) return;
    this.stop();
    this.#seconds = seconds;
    if (!(seconds > 0)) return;
    let due = performance.now() + seconds * 1000;
    this.#timer = setInterval(() => {
      const late = performance.now() - due;
      due = performance.now() + seconds * 1000;
      // The process was blocked, and so were the answers: they are not missing, they have not been read yet.
      if (late > seconds * 500) return;
      // Behind the poll phase: whatever had arrived when the timer fired has been read by then.
      setImmediate(this.#beat);
    }, seconds * 1000);
    this.#timer.unref();
  }

  /** Stops. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
