import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError } from '../errors.js';
import { encodeRetry } from './encode-event.js';
import type { EventFrame } from './event-frame.js';

/** What a client that listens for it hears last; a client that does not will reconnect (API row SS5). */
const closeEvent = 'event: close\ndata:\n\n';

const streamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  Connection: 'keep-alive',
  // nginx and its kin hold back small responses unless told not to
  'X-Accel-Buffering': 'no',
};

/** What an event stream may be told when it is opened. */
export interface EventStreamOptions {
  /** Milliseconds the client waits before it reconnects. Missing: the client's own default. */
  readonly retry?: number | string | undefined;
  /** Called once when the stream is over, whoever ended it. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * One client's event stream (API rows SS1 to SS5): the response of a GET that stays open. Head and first bytes leave
 * at once. Headers that the response already has are kept.
 *
 * Frames are written straight to the socket where that is the same bytes with less work: when the response is chunked
 * and nobody (a compressing middleware, say) stands between it and the socket. Otherwise `response.write` does it.
 */
export class EventStream {
  readonly #response: ServerResponse;
  /** The socket when frames may bypass the response. */
  readonly #socket: Socket | undefined;
  #ended = false;

  /** @throws HttpError ALREADY_ANSWERED when the response has begun; INVALID_PAYLOAD for a bad `retry` */
  constructor(request: IncomingMessage, response: ServerResponse, options: EventStreamOptions = {}) {
    if (response.headersSent || response.writableEnded) throw new HttpError('ALREADY_ANSWERED');
    const first = options.retry === undefined ? ':\n\n' : `${encodeRetry(options.retry)}\n`;
    this.#response = response;
    const { onEnd } = options;
    response.on('error', ignore);
    if (onEnd) response.on('close', onEnd);
    // Not set one by one: the response would keep them for as long as the stream lasts.
    const given = Object.entries(streamHeaders).filter(([name]) => !response.hasHeader(name));
    response.writeHead(200, Object.fromEntries(given));
    if (request.method === 'HEAD') {
      this.#ended = true;
      response.end();
      return;
    }
    // Sent by itself the head becomes one text. Joined to what follows, it stays the many pieces it was made of.
    response.socket?.cork();
    response.flushHeaders();
    response.write(first);
    response.socket?.uncork();
    this.#socket = socketOf(response);
  }

  /** True once nothing can be sent any more: the client left, or the stream was closed. */
  get ended(): boolean {
    return this.#ended || this.#response.destroyed;
  }

  /** Bytes the client has not taken yet and the operating system has not either. */
  get pending(): number {
    return this.#socket === undefined ? this.#response.writableLength : this.#socket.writableLength;
  }

  /** Writes one frame. @returns false when nothing was written because the stream is over */
  send(frame: EventFrame): boolean {
    if (this.ended) return false;
    const socket = this.#socket;
    if (socket !== undefined) {
      if (!socket.writable) return false;
      socket.write(frame.chunk);
      return true;
    }
    if (this.#response.writableEnded) return false;
    this.#response.write(frame.body);
    return true;
  }

  /** Calls back once when everything that was written has left. */
  onceDrained(callback: () => void): void {
    (this.#socket ?? this.#response).once('drain', callback);
  }

  /** Holds several writes together until {@link uncork}. */
  cork(): void {
    this.#socket?.cork();
  }

  /** Lets the writes since {@link cork} go, as one. */
  uncork(): void {
    this.#socket?.uncork();
  }

  /** Says a complete `event: close`, then ends the response. Does nothing on a stream that is over. */
  close(): void {
    if (this.ended) return;
    this.#ended = true;
    if (!this.#response.writableEnded) this.#response.end(closeEvent);
  }

  /** Cuts the connection and drops what is still queued. */
  destroy(): void {
    this.#ended = true;
    this.#response.destroy();
  }
}

/** The socket below a response whose chunks may be written to it directly, else undefined. */
function socketOf(response: ServerResponse): Socket | undefined {
  const { socket } = response;
  if (socket === null || !response.chunkedEncoding) return undefined;
  // Own methods on the response: a middleware has put itself between.
  if (Object.hasOwn(response, 'write') || Object.hasOwn(response, 'end')) return undefined;
  if (response.hasHeader('content-encoding')) return undefined;
  return socket;
}

// A stream error ends in 'close', which is where the end is noticed.
const ignore = (): void => undefined;
