import type { Exchange } from '../exchange/exchange.js';
import { sendError } from '../exchange/error-answer.js';
import { HttpError } from '../errors.js';
import type { Limits } from './settings.js';

interface Reading {
  bytes: number;
  since: number;
}

/** The requests a server has not answered yet, and their deadlines. */
export class InFlight {
  /** Requests whose body is being read. */
  readonly #reading = new Map<Exchange, Reading>();
  /** Requests a flow has got and nobody has begun to answer. */
  readonly #waiting = new Set<Exchange>();
  /** Requests of a flow whose body is still arriving. */
  readonly #receiving = new Set<Exchange>();
  /** All that have begun and not ended. */
  readonly #open = new Set<Exchange>();

  get size(): number {
    return this.#open.size;
  }

  get unanswered(): IterableIterator<Exchange> {
    return this.#waiting.values();
  }

  get open(): IterableIterator<Exchange> {
    return this.#open.values();
  }

  begin(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  get isReceiving(): boolean {
    return this.#receiving.size > 0;
  }

  /** Requests handed to this entry whose body is still arriving, and the bytes of them that have arrived. */
  receivingOf(entry: unknown): { requests: number; bytes: number } {
    let requests = 0;
    let bytes = 0;
    for (const exchange of this.#receiving) {
      if (exchange.entry !== entry) continue;
      requests += 1;
      bytes += exchange.request.socket.bytesRead - exchange.bytesReadBefore;
    }
    return { requests, bytes };
  }

  /** The body of a request begins to arrive, whoever reads it. */
  receives(exchange: Exchange): void {
    if (this.#receiving.has(exchange)) return;
    this.#receiving.add(exchange);
    const { request } = exchange;
    const { socket } = request;
    // Node forgets a request that was answered before its body was complete: its reader would wait for ever.
    const cut = (): void => {
      request.destroy(new HttpError('BODY_TRUNCATED'));
    };
    socket.once('close', cut);
    request.once('close', () => {
      socket.off('close', cut);
      this.#receiving.delete(exchange);
    });
  }

  reads(exchange: Exchange, now: number): void {
    this.#reading.set(exchange, { bytes: exchange.request.socket.bytesRead, since: now });
  }

  /** The flow has got the message: from here the answer deadline counts. */
  waits(exchange: Exchange, now: number): void {
    this.#reading.delete(exchange);
    exchange.emittedAt = now;
    // A request that is handled once more goes to the end: the deadlines are kept in order.
    this.#waiting.delete(exchange);
    this.#waiting.add(exchange);
  }

  /** The request waits for the flows to start: neither its body nor an answer is late. */
  queued(exchange: Exchange): void {
    this.#reading.delete(exchange);
    this.#waiting.delete(exchange);
  }

  /** The answer has begun: the deadline is met. A body may still be read (`body: "stream"`). */
  answered(exchange: Exchange): void {
    this.#waiting.delete(exchange);
  }

  /** True while nobody has begun to answer this request of a flow. */
  isWaiting(exchange: Exchange): boolean {
    return this.#waiting.has(exchange);
  }

  end(exchange: Exchange): void {
    this.#reading.delete(exchange);
    this.#waiting.delete(exchange);
    this.#open.delete(exchange);
  }

  /** Answers what has passed its deadline: 504 for a silent flow, 408 for a body that does not come. */
  enforce(now: number, limits: Limits): void {
    for (const [exchange, reading] of this.#reading) {
      const { bytesRead } = exchange.request.socket;
      if (bytesRead !== reading.bytes) {
        reading.bytes = bytesRead;
        reading.since = now;
      }
      const stalled = limits.bodyProgressTimeout > 0 && now - reading.since >= limits.bodyProgressTimeout * 1000;
      const late = limits.requestTimeout > 0 && now - exchange.startedAt >= limits.requestTimeout * 1000;
      if (stalled || late) this.#expire(exchange);
    }
    if (limits.responseTimeout <= 0) return;
    for (const exchange of this.#waiting) {
      // In order of emission: the first that still has time ends the look.
      if (now - exchange.emittedAt < limits.responseTimeout * 1000) break;
      this.#waiting.delete(exchange);
      exchange.result = 'no-response';
      sendError(exchange.response, new HttpError('RESPONSE_TIMEOUT'), { force: true });
    }
  }

  #expire(exchange: Exchange): void {
    this.#reading.delete(exchange);
    exchange.result = 'timed-out';
    // A body that a flow reads as a stream may be answered already: then only the connection is closed.
    if (exchange.response.headersSent) exchange.request.destroy();
    else sendError(exchange.response, new HttpError('REQUEST_TIMEOUT'), { force: true });
  }
}
