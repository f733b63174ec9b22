import { performance } from 'node:perf_hooks';

/** Milliseconds after its last message in which a client that is leaving still gets answers, and how long in all. */
const answerTime = { afterMessage: 50, atMost: 1000 } as const;

/**
 * Puts off the end of a connection for as long as whoever listens may still be answering what the client said last:
 * many a client asks and says goodbye in one breath, and so far its question is only on its way through the flow.
 * RFC 6455 5.5.1 wants a close frame answered as soon as practical, so this is a moment, and none when the client has
 * been silent.
 */
export class LastWords {
  readonly #isBusy: () => boolean;
  #heardAt = -Infinity;
  #waiting: (() => void)[] = [];
  #deadline = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param isBusy true while messages that came before the end have not been handed on */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** A message has been handed on. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Acts when the moment is over: at once, if there was nothing to answer. */
  before(act: () => void): void {
    const now = performance.now();
    if (this.#waiting.length === 0 && this.#rest(now) <= 0) {
      act();
      return;
    }
    if (this.#waiting.push(act) > 1) return;
    this.#deadline = now + answerTime.atMost;
    this.#wait();
  }

  /** Acts now. */
  flush(): void {
    clearTimeout(this.#timer);
    for (const act of this.#waiting.splice(0)) act();
  }

  #rest(now: number): number {
    const rest = this.#heardAt + answerTime.afterMessage - now;
    return this.#isBusy() ? answerTime.afterMessage : rest;
  }

  #wait(): void {
    const now = performance.now();
    const rest = Math.min(this.#rest(now), this.#deadline - now);
    if (rest <= 0) this.flush();
    else this.#timer = setTimeout(() => this.#wait(), Math.ceil(rest)).unref();
  }
}
