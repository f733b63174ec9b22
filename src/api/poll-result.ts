import type { ExchangeResult } from '../exchange/exchange.js';

/** No request has ended in the time that was given (API row P7). */
export const NO_REQUEST = 'no_request';
/** A client was too slow with its request: 408, or closed. */
export const CONNECTION_TIMED_OUT = 'connection_timed_out';
/** The handler gave no answer, or the client left before it was complete. */
export const REQUEST_HANDLED_NO_RESPONSE = 'request_handled_no_response';
/** The answer was sent. */
export const REQUEST_HANDLED_RESPONSE_SENT = 'request_handled_response_sent';

/** What became of a request, in the words of the API. */
export type PollResult =
  | typeof NO_REQUEST
  | typeof CONNECTION_TIMED_OUT
  | typeof REQUEST_HANDLED_NO_RESPONSE
  | typeof REQUEST_HANDLED_RESPONSE_SENT;

/** Results that wait for {@link PollQueue.take}; the oldest go first. */
const maxWaiting = 1000;

/** Results of finished requests, in order, for whoever polls. */
export class PollQueue {
  readonly #results: PollResult[] = [];
  #wake: (() => void) | undefined;

  /** Notes how an exchange has ended. */
  put(result: ExchangeResult): void {
    this.#results.push(pollResultOf(result));
    if (this.#results.length > maxWaiting) this.#results.shift();
    this.#wake?.();
  }

  /** Wakes who waits: nothing more will come. */
  end(): void {
    this.#wake?.();
  }

  /** The oldest result, waited for at most so many milliseconds. */
  async take(milliseconds: number): Promise<PollResult> {
    if (this.#results.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return this.#results.shift() ?? NO_REQUEST;
  }
}

function pollResultOf(result: ExchangeResult): PollResult {
  switch (result) {
    case 'response-sent':
    case 'rejected':
      return REQUEST_HANDLED_RESPONSE_SENT;
    case 'timed-out':
      return CONNECTION_TIMED_OUT;
    case 'no-response':
    case 'aborted':
      return REQUEST_HANDLED_NO_RESPONSE;
  }
}
