import type { FlowNode, RuntimeApi } from '../lib/typings.js';

/** What is used of Node-RED's log. */
type Log = Pick<RuntimeApi['log'], 'log' | 'INFO'>;

/**
 * A server's access log in Node-RED's own: one info line for each response. Lines of one turn of the event loop go to
 * standard output together: Node-RED writes each by itself, and those system calls would cost more than the answers.
 */
export class AccessLines {
  readonly #log: Log;
  readonly #source: { readonly id: string; readonly type: string; readonly name?: string; readonly z?: string };
  #lines: string[] = [];

  constructor(log: Log, { id, type, name, z }: Pick<FlowNode, 'id' | 'type' | 'name' | 'z'>) {
    this.#log = log;
    this.#source = { id, type, ...(name && { name }), ...(z && { z }) };
  }

  /** Logs a line before the event loop turns. */
  add(line: string): void {
    if (this.#lines.push(line) === 1) setImmediate(() => this.#write());
  }

  #write(): void {
    const lines = this.#lines;
    this.#lines = [];
    const level = this.#log.INFO;
    const { stdout } = process;
    stdout.cork();
    try {
      // As node.log() does it, which takes a stack trace for each line, in case it fails.
      for (const msg of lines) this.#log.log({ level, ...this.#source, msg });
    } finally {
      stdout.uncork();
    }
  }
}
