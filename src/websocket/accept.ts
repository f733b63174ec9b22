import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type * as Ws from 'ws';
import type { ServerOptions } from 'ws';
import { HttpError } from '../errors.js';
import { isHeaderValue, isToken } from '../http/header.js';
import type { LibrarySocket } from './library-socket.js';
import type * as Wired from './wired-socket.js';

/** Limits of every connection a channel accepts. */
export interface AcceptLimits {
  /** permessage-deflate for clients that offer it (RFC 7692). */
  readonly compression: boolean;
  /** Bytes of a message, after decompression; more ends in 1009. */
  readonly maxMessageSize: number;
  /** Fragments of a message; 0: as many as {@link fragmentBookkeeping} pays for. More end in 1008. */
  readonly maxFragments: number;
  /** Milliseconds a peer has to answer a close frame before its connection is cut. */
  readonly closeTimeout: number;
}

/** What goes into the 101 besides what the protocol itself demands. */
export interface AcceptAnswer {
  readonly protocol: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string | readonly string[]])[];
}

/** An accepted upgrade. */
export interface AcceptedSocket {
  readonly ws: LibrarySocket;
  /** Window for compressed messages to this client; 0 without permessage-deflate. */
  readonly windowBits: number;
}

/** Bytes of bookkeeping for the fragments of one message, and what one is charged: a place in a list, see `mergeReceived`. */
export const fragmentBookkeeping = { bytes: 1024 * 1024, perFragment: 8 } as const;

/** Messages that are inflated at the same time, in the whole process. */
const inflateConcurrency = 4;

/** Pongs that wait in a socket's queue before a client that floods with pings and reads nothing is cut. */
const maxPendingPongs = 256;

// What the protocol says itself, or what a 101 must not have.
const ownHeaders = /^(?:upgrade|connection|content-.*|transfer-encoding|sec-websocket-.*)$/i;

type Acceptor = Ws.Server<typeof Wired.WiredSocket>;

// Not in the typings yet.
interface AcceptorOptions extends ServerOptions<typeof Wired.WiredSocket> {
  closeTimeout: number;
  maxPendingAutoPongs: number;
}

/**
 * Turns upgrade requests into WebSockets by the `ws` library, which is loaded when the first one is made. Connections
 * agree on compression without context takeover on either side, so that a message can be compressed once for everyone
 * and a client costs no compressor of its own.
 */
export class UpgradeAcceptor {
  readonly #compressing: Acceptor | undefined;
  readonly #plain: Acceptor;
  #answer: AcceptAnswer = { protocol: undefined, headers: [] };
  #extensions = '';

  constructor(limits: AcceptLimits) {
    this.#plain = this.#make(limits, false);
    this.#compressing = limits.compression ? this.#make(limits, true) : undefined;
  }

  /**
   * Writes the 101 and takes the socket over. The request must have passed `checkHandshake`, the answer `checkAnswer`.
   * @returns undefined when the client has left already
   */
  accept(request: IncomingMessage, socket: Socket, head: Buffer, answer: AcceptAnswer): AcceptedSocket | undefined {
    this.#answer = answer;
    this.#extensions = '';
    // An offer of compression that cannot be met is no reason to refuse: it is declined.
    const ws =
      (this.#compressing && upgrade(this.#compressing, request, socket, head)) ??
      upgrade(this.#plain, request, socket, head);
    if (ws === undefined) {
      socket.destroy();
      return undefined;
    }
    return { ws, windowBits: windowBits(this.#extensions) };
  }

  #make(limits: AcceptLimits, compression: boolean): Acceptor {
    const load = createRequire(__filename);
    const { WebSocketServer } = load('ws') as typeof Ws;
    const { WiredSocket } = load('./wired-socket.js') as typeof Wired;
    const options: AcceptorOptions = {
      noServer: true,
      clientTracking: false,
      WebSocket: WiredSocket,
      perMessageDeflate: compression && {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        concurrencyLimit: inflateConcurrency,
      },
      maxPayload: limits.maxMessageSize,
      maxFragments: fragmentLimit(limits.maxFragments),
      // Unfinished frames are bounded by their size: see boundMemory.
      maxBufferedChunks: 0,
      maxPendingAutoPongs: maxPendingPongs,
      closeTimeout: limits.closeTimeout,
      handleProtocols: () => this.#answer.protocol ?? false,
    };
    const server = new WebSocketServer(options);
    server.on('headers', (lines: string[]) => {
      const prefix = 'Sec-WebSocket-Extensions: ';
      this.#extensions = lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
      for (const [name, value] of this.#answer.headers) {
        if (ownHeaders.test(name)) continue;
        for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
      }
    });
    // With a listener, ws leaves the answer to a handshake it refuses to us.
    server.on('wsClientError', () => undefined);
    return server;
  }
}

/** How many fragments a message may have, for a wanted number of them (0: no wish). */
export function fragmentLimit(wanted: number): number {
  const affordable = fragmentBookkeeping.bytes / fragmentBookkeeping.perFragment;
  return wanted > 0 ? Math.min(wanted, affordable) : affordable;
}

function upgrade(server: Acceptor, request: IncomingMessage, socket: Socket, head: Buffer): LibrarySocket | undefined {
  let accepted: LibrarySocket | undefined;
  // Without verifyClient this is synchronous, which is what lets one acceptor serve all.
  server.handleUpgrade(request, socket, head, (ws) => {
    accepted = ws;
  });
  return accepted;
}

function windowBits(extensions: string): number {
  if (extensions === '') return 0;
  return Number(/server_max_window_bits=(\d+)/.exec(extensions)?.[1] ?? 15);
}

/** @throws HttpError INVALID_HEADER for a header that cannot be written */
export function checkAnswer({ headers }: AcceptAnswer): void {
  for (const [name, value] of headers) {
    const values = typeof value === 'string' ? [value] : value;
    if (isToken(name) && values.every(isHeaderValue)) continue;
    throw new HttpError('INVALID_HEADER', { message: `The header "${name}" of the handshake is not valid.` });
  }
}
