import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HttpError } from '../errors.js';
import type { HashAnswer, HashJob } from './hash-worker.js';

/** Password hashes worked out at once, and how many may wait (threat T53): the rest is told to come back. */
export const hashLimits = { running: 4, waiting: 32 } as const;

/** Milliseconds a thread is kept without work. */
const idleTime = 10_000;

/**
 * Keeps expensive password checks off the event loop and from taking the machine: they run in threads, one core always
 * stays free, and only so many may wait.
 */
export class HashQueue {
  readonly #most: number;
  readonly #idle = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #sweep: NodeJS.Timeout | undefined;

  constructor(most = Math.min(hashLimits.running, Math.max(1, availableParallelism() - 1))) {
    this.#most = most;
  }

  /** Checks that run and checks that wait. */
  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length };
  }

  /**
   * Checks a password against a hash when it is its turn.
   * @param beforeHash called when it is; what it throws ends the check
   * @throws HttpError OVERLOADED when too many wait, or when there is no thread to be had
   */
  async verify(password: string, stored: string, beforeHash?: () => void): Promise<boolean> {
    if (this.#running >= this.#most) {
      if (this.#waiting.length >= hashLimits.waiting) throw overloaded();
      // Whoever ends hands its place over, so the count stays.
      await new Promise<void>((start) => this.#waiting.push(start));
    } else this.#running += 1;
    try {
      beforeHash?.();
      return await this.#ask({ password, stored });
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #ask(job: HashJob): Promise<boolean> {
    const worker = this.#take();
    const stop = new AbortController();
    const { signal } = stop;
    const abort = (): void => stop.abort();
    try {
      // A thread that fails says so as an error, which `once` passes on; one that just ends has no answer.
      const answer = once(worker, 'message', { signal });
      worker.once('exit', abort);
      worker.postMessage(job);
      const [{ isRight }] = (await answer) as [HashAnswer];
      this.#idle.add(worker);
      this.#sweepLater();
      return isRight;
    } catch (cause) {
      void worker.terminate();
      throw overloaded(cause);
    } finally {
      worker.off('exit', abort);
    }
  }

  #take(): Worker {
    for (const worker of this.#idle) {
      this.#idle.delete(worker);
      return worker;
    }
    const worker = new Worker(join(__dirname, 'hash-worker.js'), { execArgv: [] });
    worker.on('error', () => undefined);
    worker.once('exit', () => this.#idle.delete(worker));
    worker.unref();
    return worker;
  }

  #sweepLater(): void {
    clearTimeout(this.#sweep);
    this.#sweep = setTimeout(() => {
      for (const worker of this.#idle) void worker.terminate();
      this.#idle.clear();
    }, idleTime).unref();
  }
}

function overloaded(cause?: unknown): HttpError {
  return new HttpError('OVERLOADED', { headers: { 'Retry-After': '2' }, cause });
}
