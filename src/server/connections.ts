import type { Principal } from '../auth/authenticator.js';
import type { Socket } from 'node:net';
import type { HeaderField } from '../exchange/context.js';
import type { Exchange } from '../exchange/exchange.js';
import type { ServerResponse } from '../exchange/response.js';
import { encodeRawAnswer, sendLast } from './raw-answer.js';
import { descriptorOf, highestDescriptor } from './descriptors.js';
import type { Limits } from './settings.js';

/** What the server knows of one connection. */
export interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Requests it has carried. */
  requests: number;
  /** Who the client certificate names, once it was asked for; null: nobody. */
  user?: Principal | null;
  /** Its requests that are not over, in order: more than one when the client pipelines; {@link none} when idle. */
  open: Exchange[];
  /** How many of them wait for those before them, and requests that came behind the last answer. */
  waiting: number;
  /** True once an answer has said that it is the last: what comes behind it is not served (RFC 9112 9.6). */
  closing: boolean;
  /** Bytes read when the last exchange ended: where the next one's count begins. */
  bytesCounted: number;
  /** Bytes written at the last look, and since when they have not grown while bytes were waiting. */
  bytesSeen: number;
  stuckSince: number;
  /** Since when no request has begun after the last one ended; Infinity before that, and for a WebSocket. */
  idleSince: number;
}

/** Milliseconds in which a request is read that came while the process stood still. */
const graceAfterStall = 1000;

/** Requests of a connection that wait for those before them, from which on nothing more is read from it. */
const mostWaiting = 100;

/** Bytes that are taken in from a connection which was refused. */
const mostAfterRefusal = 64 * 1024;

/** What all idle connections share: an array of its own would keep the room of all it has ever held. */
const none: Exchange[] = [];

/** The open connections of a server: counted, limited, and closed when the client no longer reads. */
export class Connections {
  readonly #bySocket = new Map<Socket, Connection>();
  readonly #byAddress = new Map<string, number>();
  /** Connections that were refused or closed because they did not read. */
  refused = 0;
  stuck = 0;
  /** Refused because the process has hardly a descriptor left. */
  starved = 0;
  /** Requests that wait for others before them on their connection. */
  #waiting = 0;
  readonly #highestDescriptor = highestDescriptor();
  /** One for all sockets, so that a connection costs no function of its own. */
  readonly #onClose: (this: Socket) => void;

  constructor() {
    const remove = (socket: Socket): void => this.#remove(socket);
    this.#onClose = function () {
      remove(this);
    };
  }

  get size(): number {
    return this.#bySocket.size;
  }

  of(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** An answer is about to begin: one that closes its connection is the last. */
  answers(response: ServerResponse): void {
    if (response.shouldKeepAlive && response.getHeader('Connection') !== 'close') return;
    const connection = this.of(response.req.socket);
    if (connection) connection.closing = true;
  }

  /** Runs `act` when the requests before on this connection are over: at once if there are none. */
  whenAnswered(socket: Socket, act: () => void): void {
    const before = this.of(socket)?.open.at(-1);
    if (before) before.onEnd(act);
    else act();
  }

  /**
   * Makes the newest request of a connection wait while too many before it are not over: one client cannot have any
   * number of them worked on at once (threat T15).
   * @param act what to do when it need not wait any longer
   * @returns false when it need not wait at all
   */
  linesUp(connection: Connection, { maxPipelined, maxPipelineQueue }: Limits, act: () => void): boolean {
    const before = connection.open.at(-1 - maxPipelined);
    if (!before) return false;
    const { socket } = connection;
    if (this.#waiting >= maxPipelineQueue) {
      this.refused += 1;
      connection.closing = true;
      socket.destroy();
      return true;
    }
    this.#waiting += 1;
    connection.waiting += 1;
    if (connection.waiting === mostWaiting) stopReading(socket);
    before.onEnd(() => {
      this.#waiting -= 1;
      if (connection.waiting === mostWaiting) readOn(socket);
      connection.waiting -= 1;
      if (!socket.destroyed) act();
    });
    return true;
  }

  /**
   * A request came behind the last answer of its connection, or on one that was refused: Node keeps its objects until
   * the connection ends, so there may not be any number of them.
   */
  passOver(socket: Socket): void {
    const connection = this.of(socket);
    if (!connection) {
      if (socket.bytesRead > mostAfterRefusal) socket.destroy();
      return;
    }
    connection.waiting += 1;
    if (connection.waiting === mostWaiting) stopReading(socket);
  }

  /** Whether the limit allows one more connection beside those that are only beginning. */
  hasRoom(beginning: number, { maxConnections }: Limits): boolean {
    return maxConnections === 0 || this.size + beginning < maxConnections;
  }

  /**
   * Takes a new connection in. Over a limit the newest is answered 503 and closed; others are not touched.
   * @param defaults the server's default headers, for that answer
   * @returns false when it was refused
   */
  add(socket: Socket, limits: Limits, defaults: Iterable<HeaderField>): boolean {
    const address = socket.remoteAddress ?? '';
    const ofAddress = this.#byAddress.get(address) ?? 0;
    const { maxConnections, maxConnectionsPerIp } = limits;
    const isStarved = descriptorOf(socket) > this.#highestDescriptor;
    if (isStarved) this.starved += 1;
    if (
      isStarved ||
      (maxConnections > 0 && this.size >= maxConnections) ||
      (maxConnectionsPerIp > 0 && ofAddress >= maxConnectionsPerIp)
    ) {
      this.refused += 1;
      refuse(socket, defaults);
      return false;
    }
    const connection: Connection = {
      socket,
      address,
      requests: 0,
      open: none,
      waiting: 0,
      closing: false,
      bytesCounted: socket.bytesRead,
      bytesSeen: 0,
      stuckSince: 0,
      idleSince: Infinity,
    };
    this.#bySocket.set(socket, connection);
    this.#byAddress.set(address, ofAddress + 1);
    socket.on('close', this.#onClose);
    return true;
  }

  #remove(socket: Socket): void {
    const connection = this.of(socket);
    if (!connection) return;
    const { address, open } = connection;
    this.#bySocket.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
    for (const exchange of open) {
      exchange.end();
      tellQueued(exchange.response);
    }
  }

  /** An exchange of a connection begins. */
  began(connection: Connection, exchange: Exchange): void {
    if (connection.open === none) connection.open = [exchange];
    else connection.open.push(exchange);
  }

  /** An exchange of a connection is over. */
  ended({ request, response }: Exchange, now: number): void {
    const { socket } = request;
    const connection = this.of(socket);
    if (!connection) return;
    const { open } = connection;
    if (open.length > 1) open.splice(open.indexOf(request.exchange), 1);
    else connection.open = none;
    connection.bytesCounted = socket.bytesRead;
    connection.idleSince = request.complete && response.statusCode !== 101 ? now : Infinity;
  }

  /** Closes connections that are not idle to Node, because line ends come in, but begin no request (threat T16). */
  closeIdle(now: number, { keepAliveTimeout, headersTimeout }: Limits): void {
    if (keepAliveTimeout <= 0 || headersTimeout <= 0) return;
    // A head may begin in the last moment, and come slowly.
    const longest = (keepAliveTimeout + headersTimeout + 1) * 1000;
    for (const { socket, open, idleSince } of this.#bySocket.values())
      if (open.length === 0 && now - idleSince > longest) socket.destroy();
  }

  /** Closes connections whose client has taken nothing for `sendTimeout` seconds while bytes wait for it. */
  closeStuck(now: number, sendTimeout: number): void {
    if (sendTimeout <= 0) return;
    for (const connection of this.#bySocket.values()) {
      const { socket } = connection;
      const waiting = Math.max(socket.writableLength, kernelQueue(socket));
      if (waiting === 0) {
        connection.stuckSince = 0;
        continue;
      }
      const taken = socket.bytesWritten - waiting;
      if (connection.stuckSince === 0 || taken !== connection.bytesSeen) {
        connection.bytesSeen = taken;
        connection.stuckSince = now;
      } else if (now - connection.stuckSince >= sendTimeout * 1000) {
        this.stuck += 1;
        socket.destroy();
      }
    }
  }

  /** True while nothing is read from this connection, so that a head cannot come. */
  isHeldUp(socket: Socket): boolean {
    return (this.of(socket)?.waiting ?? 0) >= mostWaiting;
  }

  /** Gives a request whose head is late, because the process did not read, a moment to be read. @returns true */
  giveGrace(socket: Socket, late: () => void): true {
    const connection = this.of(socket);
    const requests = connection?.requests;
    setTimeout(() => {
      if (socket.destroyed || connection?.requests !== requests) return;
      if (this.isHeldUp(socket)) this.giveGrace(socket, late);
      else late();
    }, graceAfterStall);
    return true;
  }

  /** Closes connections on which the client has sent nothing yet. */
  closeUnused(): void {
    for (const { socket, requests, bytesCounted } of this.#bySocket.values())
      if (requests === 0 && socket.bytesRead === bytesCounted) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#bySocket.keys()) socket.destroy();
  }
}

/** Bytes handed to the system but not yet taken by the client: shows progress inside one large write. */
function kernelQueue(socket: Socket): number {
  return (socket as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
}

/** In Node 18 and 20 only the answer that was to write next is told that the client has left, not those queued behind it. */
function tellQueued(response: ServerResponse): void {
  if (response.socket !== null || response.writableFinished) return;
  setImmediate(() => {
    // Node 24 has told it by now.
    if (response.closed) return;
    response.destroy();
    response.emit('close');
  });
}

/** Node itself would read on after each answer it has sent. */
function stopReading(socket: Socket): void {
  socket.pause();
  socket.resume = () => socket;
}

function readOn(socket: Socket): void {
  Reflect.deleteProperty(socket, 'resume');
  const isTakenOver = socket.readableFlowing === null;
  socket.resume();
  // For an upgrade Node lets go of the socket, and forgets that it is not being read.
  if (isTakenOver) socket._read(0);
}

/** Sent raw: no request has been read. */
function refuse(socket: Socket, defaults: Iterable<HeaderField>): void {
  socket.on('error', () => undefined);
  if ('encrypted' in socket) {
    socket.destroy();
    return;
  }
  sendLast(socket, encodeRawAnswer({ status: 503, headers: { 'Retry-After': '5' }, defaults }));
}
