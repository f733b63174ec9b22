import type { FlowNode, Status } from './typings.js';

/** Milliseconds between two changes of a node's status. */
const interval = 1000;

/** A status, or how to work it out when it is shown. */
type Shown = Status | (() => Status);

/** A node's status that changes at most once a second, and always ends with the latest. */
export class StatusLine {
  readonly #node: FlowNode;
  #shown = '';
  #next: Shown | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(node: FlowNode) {
    this.#node = node;
  }

  set(status: Shown): void {
    this.#next = status;
    if (this.#timer) return;
    this.#show();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#next) this.set(this.#next);
    }, interval);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = undefined;
  }

  #show(): void {
    const status = typeof this.#next === 'function' ? this.#next() : this.#next;
    this.#next = undefined;
    const text = JSON.stringify(status);
    if (!status || text === this.#shown) return;
    this.#shown = text;
    this.#node.status(status);
  }
}
