import type { Exchange } from '../exchange/exchange.js';
import { sendError } from '../exchange/error-answer.js';
import { HttpError } from '../errors.js';
import { ExchangeList } from './exchange-list.js';
import type { Limits } from './settings.js';

/** The requests a server has not answered yet, and their deadlines. */
export class InFlight {
  /** All that have begun and not ended. */
  readonly #open = new ExchangeList();
  /** Requests of a flow whose body is still arriving: they may have been answered. */
  readonly #receiving = new Set<Exchange>();

  /** Counts every request that comes and every one that goes. */
  turnover = 0;

  get size(): number {
    return this.#open.size;
  }

  /** Requests a flow has got and nobody has begun to answer. */
  get unanswered(): Exchange[] {
    return [...this.#open].filter(({ phase }) => phase === 'waiting');
  }

  get open(): Iterable<Exchange> {
    return this.#open;
  }

  begin(exchange: Exchange): void {
    this.turnover += 1;
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

  /** The body of a request begins to arrive, whoever reads it: from here it must make progress. */
  receives(exchange: Exchange, now: number): void {
    if (this.#receiving.has(exchange)) return;
    this.#receiving.add(exchange);
    const { request } = exchange;
    exchange.bytesSeen = request.socket.bytesRead;
    exchange.progressAt = now;
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

  /** The server reads the body. */
  reads(exchange: Exchange): void {
    exchange.phase = 'reading';
  }

  /** The flow has got the message: from here the answer deadline counts. */
  waits(exchange: Exchange, now: number): void {
    exchange.phase = 'waiting';
    exchange.emittedAt = now;
  }

  /** The request waits for the flows to start: neither its body nor an answer is late. */
  queued(exchange: Exchange): void {
    exchange.phase = undefined;
  }

  /** The answer has begun: the deadline is met. A body may still be read (`body: "stream"`). */
  answered(exchange: Exchange): void {
    if (exchange.phase === 'waiting') exchange.phase = undefined;
  }

  end(exchange: Exchange): void {
    this.turnover += 1;
    exchange.phase = undefined;
    this.#open.remove(exchange);
  }

  /** Answers what has passed its deadline: 504 for a silent flow, 408 for a body that does not come. */
  enforce(now: number, limits: Limits): void {
    for (const exchange of [...this.#receiving]) enforceProgress(exchange, now, limits);
    for (const exchange of this.#open) {
      if (
        exchange.phase === 'waiting' &&
        limits.responseTimeout > 0 &&
        now - exchange.emittedAt >= limits.responseTimeout * 1000
      ) {
        exchange.phase = undefined;
        exchange.result = 'no-response';
        sendError(exchange.response, new HttpError('RESPONSE_TIMEOUT'), { force: true });
      }
    }
  }
}

function enforceProgress(exchange: Exchange, now: number, limits: Limits): void {
  const { request, response } = exchange;
  const { bytesRead } = request.socket;
  // What is there and not read, or waits for 100 Continue, is not the client's to answer for.
  if (bytesRead !== exchange.bytesSeen || request.readableLength > 0 || exchange.expectsContinue) {
    exchange.bytesSeen = bytesRead;
    exchange.progressAt = now;
  }
  const stalled = limits.bodyProgressTimeout > 0 && now - exchange.progressAt >= limits.bodyProgressTimeout * 1000;
  const late = limits.requestTimeout > 0 && now - exchange.startedAt >= limits.requestTimeout * 1000;
  if (!stalled && !late) return;
  exchange.phase = undefined;
  exchange.result ??= 'timed-out';
  // A body that a flow reads as a stream may be answered already: then only the connection is closed.
  if (response.headersSent) request.destroy();
  else sendError(response, new HttpError('REQUEST_TIMEOUT'), { force: true });
}
