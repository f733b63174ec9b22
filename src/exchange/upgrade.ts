import type { Socket } from 'node:net';
import type { Exchange } from './exchange.js';

/** A connection that asked to become a WebSocket and has not been answered: the engine owns its socket. */
export class PendingUpgrade {
  readonly #exchange: Exchange;
  readonly #socket: Socket;
  readonly #most: number;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #taken = false;

  /**
   * @param head bytes that arrived behind the request's head
   * @param maxEarlyData bytes that are kept while nobody has accepted; a client that sends more is paused
   */
  constructor(exchange: Exchange, socket: Socket, head: Buffer, maxEarlyData: number) {
    this.#exchange = exchange;
    this.#socket = socket;
    this.#most = maxEarlyData;
    const { response } = exchange;
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    socket.on('error', this.#leave);
    socket.on('end', this.#leave);
    socket.on('data', this.#keep);
    response.once('finish', () => {
      // The answer was an ordinary one: it closes the connection.
      if (!this.#taken) socket.destroySoon();
    });
    if (head.length > 0) this.#keep(head);
    socket.resume();
  }

  /** Hands the socket over to who accepts the upgrade. The exchange is answered by that. */
  take(): { socket: Socket; head: Buffer } {
    this.#taken = true;
    const socket = this.#socket;
    socket.off('data', this.#keep).off('end', this.#leave).off('error', this.#leave);
    socket.pause();
    this.#exchange.response.detachSocket(socket);
    return { socket, head: Buffer.concat(this.#early) };
  }

  readonly #leave = (): void => {
    if (!this.#taken) this.#socket.destroy();
  };

  readonly #keep = (chunk: Buffer): void => {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= this.#most) this.#socket.pause();
  };
}
