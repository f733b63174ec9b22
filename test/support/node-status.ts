import WebSocket from 'ws';
import type { NodeRedProcess } from './node-red.js';
import { waitFor } from './wait-for.js';

/** What an editor shows of a node. */
export interface ShownStatus {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** Follows the status of all nodes, as an editor does. */
export class StatusView {
  readonly #ws: WebSocket;
  readonly #shown = new Map<string, ShownStatus>();

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data: Buffer) => {
      const messages = JSON.parse(data.toString()) as { topic?: string; data?: ShownStatus }[];
      for (const { topic, data: status } of messages)
        if (topic?.startsWith('status/')) this.#shown.set(topic.slice(7), status ?? {});
    });
    ws.on('error', () => undefined);
  }

  static async open(nodeRed: NodeRedProcess): Promise<StatusView> {
    const ws = new WebSocket(`ws://127.0.0.1:${nodeRed.port}/comms`);
    const view = new StatusView(ws);
    await new Promise((done, fail) => ws.once('open', done).once('error', fail));
    ws.send(JSON.stringify({ subscribe: 'status/#' }));
    return view;
  }

  of(id: string): ShownStatus {
    return this.#shown.get(id) ?? {};
  }

  /** Resolves when the text of this node's status fits. */
  async until(id: string, text: RegExp): Promise<ShownStatus> {
    await waitFor(`status ${text.source} of ${id}`, () => text.test(this.of(id).text ?? ''));
    return this.of(id);
  }

  /** Only what is shown from now on counts. */
  forget(): void {
    this.#shown.clear();
  }

  close(): void {
    this.#ws.terminate();
  }
}
