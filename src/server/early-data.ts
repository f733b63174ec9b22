import type { Socket } from 'node:net';

/** Bytes that are kept; a client that sends more is not read from any more. */
const most = 64 * 1024;

/** What a client sends while its upgrade waits for the answers before it. It is read, so that its leaving is seen. */
export class EarlyData {
  readonly #socket: Socket;
  readonly #kept: Buffer[];
  #bytes: number;

  /** @param head what has been read already */
  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#kept = [head];
    this.#bytes = head.length;
    socket.on('data', this.#keep).on('end', this.#leave);
    socket.resume();
  }

  /** Ends the reading. @returns everything that has come */
  take(): Buffer {
    this.#socket.off('data', this.#keep).off('end', this.#leave).pause();
    return Buffer.concat(this.#kept);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#kept.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= most) this.#socket.pause();
  };

  readonly #leave = (): void => {
    this.#socket.destroy();
  };
}
