import { HttpError } from '../errors.js';
import { checkHandshake } from '../websocket/handshake.js';
import type { ClientInfo } from '../server/live-channels.js';
import type { SocketChannelOptions } from '../websocket/channel-options.js';
import { checkCloseCode, closeCodes } from '../websocket/close-code.js';
import type { Connection } from '../websocket/connection.js';
import { OutgoingMessage } from '../websocket/frame.js';
import { type Answer, type StreamOptions, setHead } from './answer.js';
import type { Request } from './request.js';

/** Messages, and bytes of them, that wait to be received before no more are read from the client. */
const maxWaiting = { messages: 256, bytes: 1024 * 1024 } as const;

/** The limits the API's library has (row WS10, decision D14): `new Websocket(request, libraryLimits)`. */
export const libraryLimits = { maxMessageSize: 4096, maxFragments: 16 } as const;

/** Headers and cookies of the 101, and limits; see {@link SocketChannelOptions} for the defaults. */
export type WebsocketOptions = StreamOptions & Omit<SocketChannelOptions, 'format' | 'parseJson' | 'onFull'>;

/** How a message is sent, and whether a closed connection is an error. */
export interface SendOptions {
  /** One of TEXT, BINARY, PING; by the type of the message unless said. A PONG is sent by itself. */
  readonly opcode?: number;
  /** True: on a closed connection nothing happens. */
  readonly failSilently?: boolean;
}

/**
 * A WebSocket (API rows WS1–WS12): keep the object, return it from the handler, then receive and send. Also an
 * asynchronous iterable of its messages, which ends when the connection does.
 */
export class Websocket implements Answer, AsyncIterable<string | Buffer> {
  static readonly CONT = 0;
  static readonly TEXT = 1;
  static readonly BINARY = 2;
  static readonly CLOSE = 8;
  static readonly PING = 9;
  static readonly PONG = 10;
  static readonly PROTOCOL_ERROR = closeCodes.protocolError;
  static readonly POLICY_VIOLATION = closeCodes.policyViolation;
  static readonly MESSAGE_TOO_BIG = closeCodes.messageTooBig;

  readonly request: Request;
  readonly #options: WebsocketOptions;
  #connection: Connection<ClientInfo> | undefined;
  readonly #waiting: (string | Buffer)[] = [];
  #waitingBytes = 0;
  readonly #receivers: ((message: string | Buffer | undefined) => void)[] = [];
  #closed = false;
  #end: { readonly code: number; readonly reason: string } | undefined;

  /** @throws HttpError UPGRADE_REQUIRED (426), BAD_REQUEST (400): the request does not initiate a WebSocket */
  constructor(request: Request, options: WebsocketOptions = {}) {
    checkHandshake(request.raw);
    this.request = request;
    this.#options = options;
  }

  /** True once either side has begun to close (API row WS12). */
  get closed(): boolean {
    return this.#closed || this.#connection?.isOpen === false;
  }

  /** The code and reason the connection ended with; undefined before. 1006: it broke. */
  get end(): { readonly code: number; readonly reason: string } | undefined {
    return this.#end;
  }

  /** The subprotocol both sides have agreed on; '' for none. */
  get protocol(): string {
    return this.#connection?.protocol ?? '';
  }

  /** Accepts the upgrade. The server calls it with what the handler returns. @throws HttpError ORIGIN_REFUSED (403) … */
  send(): void {
    if (this.#connection || this.#closed) return;
    const { headers, cookies, ...channel } = this.#options;
    setHead(this.request, { headers, cookies });
    this.#connection = this.request.server.live.accept(this.request, channel, {
      onMessage: (data) => this.#take(data),
      onClosed: (code, reason) => this.#finish(code, reason),
    });
    if (!this.#connection) this.#finish(closeCodes.abnormal, '');
  }

  /**
   * The next message: text as a string, binary as a Buffer (API row WS3). Waits for it.
   * @returns undefined when the connection closes while it waits
   * @throws HttpError CONNECTION_CLOSED on one that was closed before, unless `failSilently` (API row WS4)
   */
  receive({ failSilently = false }: { readonly failSilently?: boolean } = {}): Promise<string | Buffer | undefined> {
    const message = this.#waiting.shift();
    if (message !== undefined) {
      this.#waitingBytes -= message.length;
      if (this.#waiting.length === 0) this.#connection?.resume();
      return Promise.resolve(message);
    }
    if (this.#closed) return failSilently ? Promise.resolve(undefined) : Promise.reject(closedError('receive'));
    return new Promise((resolve) => this.#receivers.push(resolve));
  }

  /**
   * Sends a string as text, bytes as binary (API row WS5).
   * @returns false when it was not sent: closed (with `failSilently`), or the client reads too slowly and was closed
   * @throws HttpError CONNECTION_CLOSED, INVALID_PAYLOAD
   */
  sendMessage(message: string | Uint8Array, { opcode, failSilently = false }: SendOptions = {}): boolean {
    this.send();
    const connection = this.#connection;
    if (!connection || this.closed) {
      if (failSilently) return false;
      throw closedError('send');
    }
    switch (opcode) {
      case undefined:
        return connection.send(new OutgoingMessage(message));
      case Websocket.TEXT:
        return connection.send(
          new OutgoingMessage(typeof message === 'string' ? message : Buffer.from(message).toString()),
        );
      case Websocket.BINARY:
        return connection.send(new OutgoingMessage(Buffer.from(message)));
      case Websocket.PING:
        return connection.ping(message);
      default:
        throw new HttpError('INVALID_PAYLOAD', { message: `Messages with the opcode ${opcode} are not sent by hand.` });
    }
  }

  /** Begins to close (API row WS8). Does nothing when that has begun. @throws HttpError INVALID_PAYLOAD for a bad code */
  close(code: number = closeCodes.normal, reason = ''): void {
    checkCloseCode(code);
    if (this.#connection) this.#connection.close(code, reason);
    else this.#closed = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer> {
    for (;;) {
      const message = await this.receive({ failSilently: true });
      if (message === undefined) return;
      yield message;
    }
  }

  #take(message: string | Buffer): void {
    const receiver = this.#receivers.shift();
    if (receiver) {
      receiver(message);
      return;
    }
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
    if (this.#waiting.length >= maxWaiting.messages || this.#waitingBytes >= maxWaiting.bytes)
      this.#connection?.pause();
  }

  #finish(code: number, reason: string): void {
    this.#closed = true;
    this.#end = { code, reason };
    for (const receiver of this.#receivers.splice(0)) receiver(undefined);
  }
}

function closedError(what: 'send' | 'receive'): HttpError {
  return new HttpError('CONNECTION_CLOSED', { message: `Websocket connection is closed, cannot ${what} messages` });
}
