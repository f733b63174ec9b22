import WebSocket from 'ws';
import type { NodeRedProcess } from './node-red.js';
import { pause } from './node-red.js';

/** One thing the runtime told the editor: a debug message, a node's status. */
export interface CommsEvent {
  readonly topic: string;
  readonly data: Record<string, unknown>;
}

/** What the editor would see: debug messages as the sidebar gets them, and statuses. */
export class Comms {
  readonly events: CommsEvent[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const parsed = JSON.parse(data.toString()) as CommsEvent | CommsEvent[];
      this.events.push(...(Array.isArray(parsed) ? parsed : [parsed]));
    });
  }

  static async open(nodeRed: NodeRedProcess): Promise<Comms> {
    const socket = new WebSocket(`ws://127.0.0.1:${nodeRed.port}/comms`);
    const comms = new Comms(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    for (const topic of ['debug', 'status/#']) socket.send(JSON.stringify({ subscribe: topic }));
    return comms;
  }

  /** The first event that passes, waited for. */
  async find(what: string, passes: (event: CommsEvent) => boolean): Promise<CommsEvent> {
    for (let left = 500; left > 0; left -= 1) {
      const found = this.events.find(passes);
      if (found) return found;
      await pause(20);
    }
    throw new Error(`${what} did not come: ${JSON.stringify(this.events).slice(0, 2000)}`);
  }

  /** The first debug message of a node that holds this text: what it shows, as the sidebar would unpack it. */
  async debug(id: string, part: string): Promise<{ value: unknown; text: string }> {
    const { data } = await this.find(
      `A message of ${id}`,
      ({ topic, data }) => topic === 'debug' && data['id'] === id && String(data['msg']).includes(part),
    );
    const text = String(data['msg']);
    return { text, value: data['format'] === 'string[0]' ? text : (JSON.parse(text) as unknown) };
  }

  close(): void {
    this.#socket.terminate();
  }
}
