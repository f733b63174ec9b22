import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError } from '../errors.js';
import { checkAnswer, UpgradeAcceptor } from './accept.js';
import type { AcceptAnswer } from './accept.js';
import { socketChannelDefaults } from './channel-options.js';
import type { SocketChannelListener, SocketChannelOptions, SocketChannelSettings } from './channel-options.js';
import { checkCloseCode, closeCodes } from './close-code.js';
import { Connection } from './connection.js';
import type { ConnectionOwner } from './connection.js';
import { decodeMessage } from './decode-message.js';
import { encodePayload, OutgoingMessage } from './frame.js';
import { checkHandshake, chooseSubprotocol, parseSubprotocols } from './handshake.js';
import { Heartbeat } from './heartbeat.js';
import { Inbox } from './inbox.js';
import { OriginPolicy } from './origin.js';
import type { RequestPlace } from './origin.js';

/** What is known about an upgrade request besides the request itself. */
export interface AcceptContext<Info> extends RequestPlace {
  /** Handed back with every event about this client. */
  readonly info: Info;
  /** Headers for the 101: the server's defaults, cookies. */
  readonly headers?: AcceptAnswer['headers'];
}

/** Whom a message is for. */
export interface SocketTarget {
  /** One client, several, or "*" (as when missing): everyone on the channel. */
  readonly client?: string | readonly string[] | undefined;
  /** Everyone on the channel but this client or these; `client` is ignored then. */
  readonly except?: string | readonly string[] | undefined;
}

/** What became of a message or another order for clients. */
export interface SendResult {
  /** Clients it reached. */
  readonly sent: number;
  /** Ids that no open connection of the channel has. */
  readonly unknown: readonly string[];
}

const none: readonly string[] = [];

/** Counters of a channel since it was made. */
export interface SocketChannelStats {
  received: number;
  sent: number;
  /** Clients closed because they read too slowly. */
  tooSlow: number;
}

/**
 * A named group of WebSockets. It outlives who listens to it: {@link hold} detaches the listener and queues what it
 * would be told (and stops reading when that is a lot), {@link listen} attaches the next one.
 */
export class SocketChannel<Info = unknown> {
  readonly name: string;
  readonly stats: SocketChannelStats = { received: 0, sent: 0, tooSlow: 0 };
  readonly #open = new Map<string, Connection<Info>>();
  /** Connections whose end has not been seen yet, those that are closing included. */
  readonly #alive = new Set<Connection<Info>>();
  readonly #inbox = new Inbox<Info>();
  readonly #owner: ConnectionOwner<Info>;
  readonly #heartbeat = new Heartbeat(() => {
    for (const connection of this.#open.values()) connection.heartbeat();
  });
  #settings: SocketChannelSettings = socketChannelDefaults;
  #origins = new OriginPolicy([]);
  #acceptor: UpgradeAcceptor | undefined;
  #isPaused = false;
  #onEmpty: (() => void)[] = [];

  /** @throws HttpError INVALID_SETTING for an origin pattern that is none */
  constructor(name: string, options: SocketChannelOptions = {}) {
    this.name = name;
    this.#owner = this.#makeOwner();
    this.configure(options);
  }

  /** Clients on the channel. */
  get count(): number {
    return this.#open.size;
  }

  /** True when nothing would be lost with the channel. */
  get isEmpty(): boolean {
    return this.#alive.size === 0 && this.#inbox.isEmpty;
  }

  /** Ids of the clients, oldest first. */
  get clients(): string[] {
    return [...this.#open.keys()];
  }

  /** Replaces the settings; a missing one goes back to its default. Clients stay. @throws HttpError INVALID_SETTING */
  configure(options: SocketChannelOptions): void {
    const settings = { ...socketChannelDefaults, ...options };
    this.#origins = new OriginPolicy(settings.origins);
    this.#settings = settings;
    this.#acceptor = undefined;
    if (this.#open.size > 0) this.#heartbeat.start(settings.heartbeat);
  }

  /** Attaches a listener in place of any other and tells it what was held back. */
  listen(listener: SocketChannelListener<Info>): void {
    this.#inbox.listen(listener);
    if (!this.#isPaused || this.#inbox.isFull) return;
    this.#isPaused = false;
    for (const connection of this.#alive) connection.resume();
  }

  /** Detaches the listener: from now on events are held back for the next one. */
  hold(): void {
    this.#inbox.hold();
  }

  /**
   * Accepts an upgrade request as a client of this channel.
   * @param take hands over the socket and what was read behind the head; called when nothing stands in the way
   * @returns undefined when the client has left already
   * @throws HttpError of `checkHandshake`; ORIGIN_REFUSED (403); OVERLOADED (503) past `maxClients`; INVALID_HEADER
   */
  accept(
    request: IncomingMessage,
    take: () => { readonly socket: Socket; readonly head: Buffer },
    context: AcceptContext<Info>,
  ): Connection<Info> | undefined {
    const settings = this.#settings;
    checkHandshake(request);
    if (!this.#origins.allows(request.headers.origin, context)) throw new HttpError('ORIGIN_REFUSED');
    const protocol = chooseSubprotocol(
      settings.subprotocols,
      parseSubprotocols(request.headers['sec-websocket-protocol']),
    );
    const answer: AcceptAnswer = { protocol, headers: context.headers ?? [] };
    checkAnswer(answer);
    this.#makeRoom();
    this.#acceptor ??= new UpgradeAcceptor(settings);
    const { socket, head } = take();
    const accepted = this.#acceptor.accept(request, socket, head, answer);
    if (accepted === undefined) return undefined;
    const id = randomBytes(8).toString('hex');
    const connection = new Connection(id, socket, accepted, context.info, this.#owner);
    this.#open.set(id, connection);
    this.#alive.add(connection);
    if (this.#isPaused) connection.pause();
    this.#heartbeat.start(settings.heartbeat);
    this.#inbox.put({ event: 'connect', ...this.#about(connection), count: this.count }, 0);
    return connection;
  }

  /**
   * A message that can be sent on several channels: encoded, framed and compressed once for all of them. A string is
   * text, bytes are binary, anything else is JSON, and `undefined` is no message.
   * @throws HttpError INVALID_PAYLOAD when the payload has no JSON
   */
  encode(payload: unknown): OutgoingMessage | undefined {
    const data = encodePayload(payload);
    return data === undefined ? undefined : new OutgoingMessage(data);
  }

  /**
   * Sends a payload, or what {@link encode} has made of one. The frame is made once, whatever the number of clients.
   * @throws HttpError INVALID_PAYLOAD when the payload has no JSON; nothing was sent then
   */
  send(payload: unknown, target: SocketTarget = {}): SendResult {
    const message = payload instanceof OutgoingMessage ? payload : this.encode(payload);
    if (message === undefined) return { sent: 0, unknown: [] };
    const result = this.#each(target, (connection) => connection.send(message));
    this.stats.sent += result.sent;
    return result;
  }

  /** Pings clients. @throws HttpError INVALID_PAYLOAD for more than 125 bytes of data */
  ping(target: SocketTarget = {}, data: string | Uint8Array = ''): SendResult {
    return this.#each(target, (connection) => connection.ping(data));
  }

  /** Begins to close clients. @throws HttpError INVALID_PAYLOAD for a code that may not be sent */
  close(target: SocketTarget = {}, code: number = closeCodes.normal, reason = ''): SendResult {
    checkCloseCode(code);
    return this.#each(target, (connection) => {
      this.#close(connection, code, reason);
      return true;
    });
  }

  /** Closes all clients. @returns when the last connection is gone: after `closeTimeout` at the latest */
  async closeAll(code: number = closeCodes.goingAway, reason = ''): Promise<void> {
    this.close({}, code, reason);
    if (this.#alive.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** The connection of a client that is on this channel. */
  get(client: string): Connection<Info> | undefined {
    return this.#open.get(client);
  }

  #makeRoom(): void {
    const { maxClients, onFull } = this.#settings;
    if (maxClients <= 0 || this.#open.size < maxClients) return;
    if (onFull === 'reject') {
      throw new HttpError('OVERLOADED', { message: 'The channel is full.', headers: { 'Retry-After': '5' } });
    }
    for (const oldest of this.#open.values()) {
      if (this.#open.size < maxClients) break;
      this.#close(oldest, closeCodes.policyViolation, 'Replaced by a newer client.');
    }
  }

  #each(target: SocketTarget, act: (connection: Connection<Info>) => boolean): SendResult {
    const { client, except } = target;
    if (typeof client === 'string' && except === undefined && client !== '*') {
      // The answer to one: what most messages are.
      const connection = this.#open.get(client);
      if (connection?.isOpen !== true) return { sent: 0, unknown: [client] };
      return { sent: act(connection) ? 1 : 0, unknown: none };
    }
    let sent = 0;
    if (except !== undefined || client === undefined || client === '*') {
      const left = except === undefined ? undefined : new Set(typeof except === 'string' ? [except] : except);
      for (const connection of this.#open.values()) {
        if (left?.has(connection.id) !== true && act(connection)) sent += 1;
      }
      return { sent, unknown: [] };
    }
    const unknown: string[] = [];
    for (const id of typeof client === 'string' ? [client] : new Set(client)) {
      const connection = this.#open.get(id);
      if (connection?.isOpen !== true) unknown.push(id);
      else if (act(connection)) sent += 1;
    }
    return { sent, unknown };
  }

  #close(connection: Connection<Info>, code: number, reason: string): void {
    // From now on it is no client any more; that it is gone is told when it is.
    this.#leave(connection);
    connection.close(code, reason);
  }

  #leave(connection: Connection<Info>): void {
    this.#open.delete(connection.id);
    if (this.#open.size === 0) this.#heartbeat.stop();
  }

  #about(connection: Connection<Info>): { client: string; channel: string; info: Info } {
    return { client: connection.id, channel: this.name, info: connection.info };
  }

  #makeOwner(): ConnectionOwner<Info> {
    const settings = (): SocketChannelSettings => this.#settings;
    return {
      get settings() {
        return settings();
      },
      onMessage: (connection, data, isBinary) => {
        this.stats.received += 1;
        const { format, parseJson } = this.#settings;
        let decoded: unknown;
        try {
          decoded = decodeMessage(data, isBinary, format, parseJson);
        } catch (error) {
          this.#report(connection, error as HttpError, undefined);
          return;
        }
        const { id: client, info } = connection;
        this.#inbox.put({ event: 'message', client, channel: this.name, info, data: decoded, isBinary }, data.length);
        if (this.#inbox.isFull && !this.#isPaused) {
          this.#isPaused = true;
          for (const one of this.#alive) one.pause();
        }
      },
      onViolation: (connection, error, code) => {
        if (error.code === 'CLIENT_TOO_SLOW') this.stats.tooSlow += 1;
        this.#leave(connection);
        this.#report(connection, error, code);
      },
      onClosed: (connection, code, reason) => {
        this.#leave(connection);
        this.#alive.delete(connection);
        this.#inbox.put({ event: 'disconnect', ...this.#about(connection), count: this.count, code, reason }, 0);
        if (this.#alive.size > 0) return;
        for (const resolve of this.#onEmpty.splice(0)) resolve();
      },
    };
  }

  #report(connection: Connection<Info>, error: HttpError, code: number | undefined): void {
    const about = this.#about(connection);
    this.#inbox.put({ event: 'error', ...about, count: this.count, code, reason: error.message, error }, 0);
  }
}
