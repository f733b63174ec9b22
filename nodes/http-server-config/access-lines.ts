import type { ServerNode } from '../lib/server-node.js';

/**
 * A server's access log in Node-RED's own: one info line for each response. Lines of one turn of the event loop go to
 * standard output together: Node-RED writes each by itself, and those system calls would cost more than the answers.
 */
export class AccessLines {
  readonly #node: ServerNode;
  #lines: string[] = [];

  constructor(node: ServerNode) {
    this.#node = node;
  }

  /** Logs a line before the event loop turns. */
  add(line: string): void {
    if (this.#lines.push(line) === 1) setImmediate(() => this.#write());
  }

  #write(): void {
    const lines = this.#lines;
    this.#lines = [];
    const { stdout } = process;
    stdout.cork();
    try {
      for (const line of lines) this.#node.log(line);
    } finally {
      stdout.uncork();
    }
  }
}
