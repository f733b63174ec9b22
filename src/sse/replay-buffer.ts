import type { EventFrame } from './event-frame.js';

interface Kept {
  readonly id: string;
  readonly frame: EventFrame;
}

/** How much a {@link ReplayBuffer} keeps. */
export interface ReplayLimits {
  /** Events; 0 keeps none. */
  readonly events: number;
  /** Bytes of all kept events together. */
  readonly bytes: number;
}

/**
 * The latest events of a channel in order, for clients that come back. Each has a position: a number that counts all
 * events ever kept, so that a reader who stops in between knows where to go on, and whether it came too late.
 */
export class ReplayBuffer {
  #limits: ReplayLimits;
  /** Kept events from `#start` on; what lies before was evicted and is cut off now and then. */
  #kept: (Kept | undefined)[] = [];
  #start = 0;
  #bytes = 0;
  /** Position of the first kept event. */
  #first = 0;
  readonly #positions = new Map<string, number>();

  constructor(limits: ReplayLimits) {
    this.#limits = limits;
  }

  /** Position of the oldest event that is still kept. */
  get first(): number {
    return this.#first;
  }

  /** Position the next event will have. */
  get end(): number {
    return this.#first + this.#kept.length - this.#start;
  }

  /** Bytes of all kept events. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps one event and evicts the oldest beyond the limits. */
  push(id: string, frame: EventFrame): void {
    this.#positions.set(id, this.end);
    this.#kept.push({ id, frame });
    this.#bytes += frame.size;
    this.#evict();
  }

  /** The event at a position; undefined when it was evicted or is still to come. */
  at(position: number): EventFrame | undefined {
    return position < this.#first ? undefined : this.#kept[this.#start + position - this.#first]?.frame;
  }

  /** Where a client goes on that has seen `id`: behind it, or at the oldest event when the id is not known (any more). */
  after(id: string): number {
    const position = this.#positions.get(id);
    return position === undefined ? this.#first : position + 1;
  }

  /** Replaces the limits and evicts what is too much now. */
  resize(limits: ReplayLimits): void {
    this.#limits = limits;
    this.#evict();
  }

  #evict(): void {
    while (
      this.end > this.#first &&
      (this.end - this.#first > this.#limits.events || this.#bytes > this.#limits.bytes)
    ) {
      const oldest = this.#kept[this.#start];
      if (oldest !== undefined) {
        this.#bytes -= oldest.frame.size;
        // The same id may have been used again later; then that one counts.
        if (this.#positions.get(oldest.id) === this.#first) this.#positions.delete(oldest.id);
      }
      this.#kept[this.#start] = undefined;
      this.#start += 1;
      this.#first += 1;
    }
    if (this.#start > 64 && this.#start * 2 > this.#kept.length) {
      this.#kept.splice(0, this.#start);
      this.#start = 0;
    }
  }
}
