import type { LiveFlow } from '../support/live-flow.js';
import { pause } from '../support/node-red.js';
import type { Failures } from './measure.js';

/** How a client fared. Waits in milliseconds. */
export interface Waits {
  readonly requests: number;
  readonly worstWait: number;
  readonly medianWait: number;
}

/** A client like any other among those that misbehave: it asks for `/health` ten times a second, on a new connection each. */
export class GoodClient {
  readonly #flow: LiveFlow;
  readonly #failures: Failures;
  readonly #waits: number[] = [];
  readonly #asking: Promise<void>;
  #isStopped = false;

  /** Begins to ask. What is not answered 200 within 10 seconds is a failure. */
  constructor(flow: LiveFlow, failures: Failures) {
    this.#flow = flow;
    this.#failures = failures;
    this.#asking = this.#ask();
  }

  async stop(): Promise<Waits> {
    this.#isStopped = true;
    await this.#asking;
    const sorted = this.#waits.sort((one, other) => one - other);
    return {
      requests: sorted.length,
      worstWait: sorted.at(-1) ?? 0,
      medianWait: sorted[Math.floor(sorted.length / 2)] ?? 0,
    };
  }

  async #ask(): Promise<void> {
    while (!this.#isStopped) {
      const began = performance.now();
      if (!(await isHealthy(this.#flow, 10_000))) this.#failures.add('health not answered');
      this.#waits.push(performance.now() - began);
      await pause(100);
    }
  }
}

/** True when `/health` is answered in time. */
export async function isHealthy(flow: LiveFlow, milliseconds = 5000): Promise<boolean> {
  const asked = flow.get('/health', { signal: AbortSignal.timeout(milliseconds), headers: { Connection: 'close' } });
  return (await asked.then((response) => response.status).catch(() => 0)) === 200;
}
