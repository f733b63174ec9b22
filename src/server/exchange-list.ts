import type { Exchange } from '../exchange/exchange.js';

/**
 * Exchanges in the order of their arrival. A list of links, not a Set: the tables a busy Set leaves behind keep what
 * they once held from being collected, and the collector was the largest cost of a request.
 */
export class ExchangeList implements Iterable<Exchange> {
  #first: Exchange | undefined;
  #last: Exchange | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an exchange that is in no list. */
  add(exchange: Exchange): void {
    exchange.previous = this.#last;
    if (this.#last) this.#last.next = exchange;
    else this.#first = exchange;
    this.#last = exchange;
    this.#size += 1;
  }

  /** Removes an exchange of this list. */
  remove(exchange: Exchange): void {
    const { previous, next } = exchange;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    exchange.previous = undefined;
    exchange.next = undefined;
    this.#size -= 1;
  }

  /** The exchange at hand may be removed meanwhile. */
  *[Symbol.iterator](): Generator<Exchange> {
    let next: Exchange | undefined;
    for (let exchange = this.#first; exchange; exchange = next) {
      next = exchange.next;
      yield exchange;
    }
  }
}
