import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { HttpError } from '../errors.js';
import type { AcceptedSocket } from './accept.js';
import type { LibrarySocket, SocketListener } from './library-socket.js';
import { closeCodes, codeOfViolation, cutReason } from './close-code.js';
import type { OutgoingMessage } from './frame.js';
import { answerTime, LastWords } from './last-words.js';
import { mergeReceived } from './merge-received.js';
import { RateWindow } from './rate-window.js';

/** Messages of one read that are handed on at once; the rest waits a turn, so that a flood delays nobody else (T71). */
const burstSize = 32;

/** Pings and pongs a client may send in a second (T70). */
const maxControlRate = 100;

const open = 1;

/** What a connection asks its owner for. It is read at each use: the owner may change it at any time. */
export interface ConnectionLimits {
  /** Bytes a client may be behind before it is closed with 1013. One message alone may be larger. */
  readonly backlog: number;
  /** Messages a client may send in a second before it is closed with 1008; 0: any number. */
  readonly messageRate: number;
}

/** Who owns connections and hears of everything that happens on them. */
export interface ConnectionOwner<Info> {
  readonly settings: ConnectionLimits;
  onMessage(connection: Connection<Info>, data: Buffer, isBinary: boolean): void;
  /** The client broke a rule and is being closed with this code. */
  onViolation(connection: Connection<Info>, error: HttpError, code: number): void;
  /** The connection is over. Comes last, and once. */
  onClosed(connection: Connection<Info>, code: number, reason: string): void;
}

/** Where a socket knows its connection. */
const connectionOf = Symbol('connection');

type ConnectedSocket = Socket & { [connectionOf]?: { onRead(): void } };

/** One function for all sockets. */
function endOfChunk(this: ConnectedSocket): void {
  this[connectionOf]?.onRead();
}

/** A message that has been read but not handed on. */
interface Waiting {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/**
 * One accepted WebSocket. Reading is paced and can be stopped; writing goes straight to the socket, since frames are
 * made by {@link OutgoingMessage}, and is bounded by the owner's backlog.
 *
 * What an idle client does not need is made when it is: there may be many of them.
 */
export class Connection<Info = unknown> implements SocketListener {
  readonly id: string;
  /** What the owner knows about the request that became this connection. */
  readonly info: Info;
  readonly #owner: ConnectionOwner<Info>;
  readonly #ws: LibrarySocket;
  readonly #socket: Socket;
  readonly #windowBits: number;
  #controlRate: RateWindow | undefined;
  #messageRate: RateWindow | undefined;
  #lastWords: LastWords | undefined;
  /** When a message was handed on last, in milliseconds of the process's clock. */
  #heardAt = -answerTime.afterMessage;
  /** What we have closed the connection with, once we have. */
  #closing: { readonly code: number; readonly reason: string } | undefined;
  /** Messages that have been read but not handed on; while there are any, nothing more is read. */
  #waiting: Waiting[] | undefined;
  #isScheduled = false;
  #isPaused = false;
  #isRefusing = false;
  #burst = 0;
  /** Bytes read when the last ping was sent; -1 before the first. */
  #readAtPing = -1;
  /** Bytes the peer had taken then; -1 when its queue was empty, and bytes "taken" only prove a buffer of this machine. */
  #takenAtPing = -1;

  constructor(id: string, socket: Socket, accepted: AcceptedSocket, info: Info, owner: ConnectionOwner<Info>) {
    const { ws } = accepted;
    this.id = id;
    this.info = info;
    this.#owner = owner;
    this.#ws = ws;
    this.#socket = socket;
    this.#windowBits = accepted.windowBits;
    ws.listener = this;
    (socket as ConnectedSocket)[connectionOf] = this;
    // Comes behind the listener of ws: by now the chunk has been read to its end.
    socket.on('data', endOfChunk);
    socket.resume();
  }

  /** The subprotocol both sides have agreed on; '' for none. */
  get protocol(): string {
    return this.#ws.protocol;
  }

  /** True until either side has begun to close. */
  get isOpen(): boolean {
    return this.#ws.readyState === open;
  }

  /** Bytes the client has not taken yet and the operating system has not either. */
  get pending(): number {
    return this.#socket.writableLength;
  }

  /** Sends one message. @returns false when it was not: the connection is not open, or the client is too far behind */
  send(message: OutgoingMessage): boolean {
    if (this.#ws.readyState !== open) return false;
    const frame = message.frame(this.#windowBits);
    const socket = this.#socket;
    const pending = socket.writableLength;
    // A message larger than the backlog is no fault of a client that has read everything so far.
    if (pending > 0 && pending + frame.length > this.#owner.settings.backlog) {
      this.#violate('The client reads too slowly.', closeCodes.tryAgainLater);
      return false;
    }
    socket.write(frame);
    return true;
  }

  /** Sends a ping with up to 125 bytes of data. @returns false when the connection is not open */
  ping(data: string | Uint8Array = ''): boolean {
    if (this.#ws.readyState !== open) return false;
    if (Buffer.byteLength(data) > 125) {
      throw new HttpError('INVALID_PAYLOAD', { message: 'The data of a ping must not be longer than 125 bytes.' });
    }
    this.#ws.ping(data);
    return true;
  }

  /** Begins to close. The first call decides code and reason. @param code one that `checkCloseCode` has passed */
  close(code: number = closeCodes.normal, reason = ''): void {
    if (this.#ws.readyState !== open) return;
    this.#closing = { code, reason: cutReason(reason) };
    // Otherwise the peer's own close would not be read.
    this.#ws.resume();
    this.#ws.closeNow(code, this.#closing.reason);
  }

  /** Cuts the connection. @param reason for the owner only */
  terminate(reason: string): void {
    this.#closing ??= { code: closeCodes.abnormal, reason };
    this.#ws.terminate();
  }

  /** Stops reading, but for what has been read already: that waits. */
  pause(): void {
    this.#isPaused = true;
    this.#ws.pause();
  }

  /** Goes on reading and hands on what has waited. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#waiting) this.#schedule();
    else this.#ws.resume();
  }

  /**
   * Pings, and cuts the connection when nothing has come back since the last ping. Any bytes are a sign of life, and
   * so is a client that slowly takes what was queued for it: the ping may be at the end of that queue.
   */
  heartbeat(): void {
    // While nothing is read, silence says nothing.
    if (this.#ws.readyState !== open || this.#isPaused || this.#waiting) return;
    const { bytesRead, bytesWritten, writableLength } = this.#socket;
    const taken = bytesWritten - writableLength;
    if (bytesRead === this.#readAtPing && (this.#takenAtPing < 0 || taken === this.#takenAtPing)) {
      this.terminate('The client does not answer.');
      return;
    }
    this.#readAtPing = bytesRead;
    this.#takenAtPing = writableLength > 0 ? taken : -1;
    this.#ws.ping();
  }

  /** For the socket: a message was read. */
  onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#isRefusing) return;
    const { messageRate } = this.#owner.settings;
    if (messageRate > 0 && !(this.#messageRate ??= new RateWindow()).take(messageRate)) {
      this.#violate('The client sends too many messages.', closeCodes.policyViolation);
      return;
    }
    this.#burst += 1;
    if (this.#burst <= burstSize && !this.#waiting && !this.#isPaused) {
      this.#handOver(data, isBinary);
      return;
    }
    if (this.#waiting) this.#waiting.push({ data, isBinary });
    else {
      this.#waiting = [{ data, isBinary }];
      this.#ws.pause();
    }
    this.#schedule();
  }

  /** For the socket: whatever has arrived was read. */
  onRead(): void {
    this.#burst = 0;
    mergeReceived(this.#ws);
  }

  /** For the socket: a ping or a pong was read. */
  onControl(): void {
    if (this.#isRefusing || (this.#controlRate ??= new RateWindow()).take(maxControlRate)) return;
    this.#violate('The client sends too many control frames.', closeCodes.policyViolation);
  }

  /** For the socket: it closes when what the client said last has been answered. */
  onClosing(close: () => void): void {
    if (!this.#lastWords) {
      if (this.#answerTime() <= 0) {
        close();
        return;
      }
      const words = new LastWords(() => this.#answerTime());
      this.#lastWords = words;
      // Before ws takes the end of the stream for the end of the connection.
      this.#socket.prependOnceListener('end', () => words.flush());
    }
    this.#lastWords.before(close);
  }

  /** For the socket: the client broke a rule of the protocol. */
  onError(error: Error): void {
    this.onClosing(() => this.#violate(error.message, codeOfViolation(error), true));
  }

  /** For the socket: the connection is over. */
  onClosed(code: number, reason: Buffer): void {
    // What the client said before it left is said before it is reported to have left.
    this.#isPaused = false;
    this.#handOn(Infinity);
    this.#lastWords?.flush();
    this.#owner.onClosed(this, this.#closing?.code ?? code, this.#closing?.reason ?? reason.toString('utf8'));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#handOn(this.#isPaused ? 0 : burstSize);
      if (this.#isPaused) return;
      if (this.#waiting) this.#schedule();
      else this.#ws.resume();
    });
  }

  #handOn(count: number): void {
    const messages = this.#waiting?.splice(0, count) ?? [];
    if (this.#waiting?.length === 0) this.#waiting = undefined;
    for (const { data, isBinary } of messages) this.#handOver(data, isBinary);
  }

  #handOver(data: Buffer, isBinary: boolean): void {
    this.#heardAt = performance.now();
    this.#owner.onMessage(this, data, isBinary);
  }

  /** Milliseconds that answers to what the client said last may still take. */
  #answerTime(): number {
    const { afterMessage } = answerTime;
    return this.#waiting ? afterMessage : this.#heardAt + afterMessage - performance.now();
  }

  /** @param isClosing true when ws has sent its close frame already */
  #violate(what: string, code: number, isClosing = false): void {
    if (this.#isRefusing) return;
    this.#isRefusing = true;
    if (isClosing) this.#closing ??= { code, reason: what };
    else this.close(code, what);
    const kind = code === closeCodes.tryAgainLater ? 'CLIENT_TOO_SLOW' : 'INVALID_MESSAGE';
    this.#owner.onViolation(this, new HttpError(kind, { message: what }), code);
  }
}
