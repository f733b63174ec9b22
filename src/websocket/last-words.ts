import { performance } from 'node:perf_hooks';

/** Milliseconds after its last message in which a client that is leaving still gets answers, and how long in all. */
export const answerTime = { afterMessage: 50, atMost: 1000 } as const;

/**
 * Puts off the end of a connection for as long as whoever listens may still be answering what the client said last:
 * many a client asks and says goodbye in one breath, and so far its question is only on its way through the flow.
 * RFC 6455 5.5.1 wants a close frame answered as soon as practical, so this is a moment, and none when the client has
 * been silent.
 */
export class LastWords {
  readonly #rest: () => number;
  #waiting: (() => void)[] = [];
  #deadline = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param rest milliseconds that answers may still take, as far as is known; none if 0 or less */
  constructor(rest: () => number) {
    this.#rest = rest;
  }

  /** Acts when the moment is over: at once, if there was nothing to answer. */
  before(act: () => void): void {
    if (this.#waiting.length === 0 && this.#rest() <= 0) {
      act();
      return;
    }
    if (this.#waiting.push(act) > 1) return;
    this.#deadline = performance.now() + answerTime.atMost;
    this.#wait();
  }

  /** Acts now. */
  flush(): void {
    clearTimeout(this.#timer);
    for (const act of this.#waiting.splice(0)) act();
  }

  #wait(): void {
    const rest = Math.min(this.#rest(), this.#deadline - performance.now());
    if (rest <= 0) this.flush();
    else this.#timer = setTimeout(() => this.#wait(), Math.ceil(rest)).unref();
  }
}
