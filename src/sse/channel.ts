import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '../errors.js';
import { eventChannelDefaults } from './channel-options.js';
import type {
  EventChannelListener,
  EventChannelOptions,
  EventChannelSettings,
  EventConnect,
  EventDisconnect,
  EventDisconnectReason,
} from './channel-options.js';
import { encodeEvent, encodeRetry, eventId, maxIdLength } from './encode-event.js';
import type { ServerSentEvent } from './encode-event.js';
import { EventFrame } from './event-frame.js';
import { EventStream } from './event-stream.js';
import { readLastEventId } from './last-event-id.js';
import { ReplayBuffer } from './replay-buffer.js';

/** Bytes of kept events that are queued at a returning client before the channel waits for it to read. */
const catchUpBytes = 64 * 1024;

/** The position of a client that has caught up and gets events as they are published. */
const live = -1;

interface Client<Info> {
  readonly id: string;
  readonly stream: EventStream;
  readonly info: Info;
  readonly lastEventId: string;
  /** Position of the next kept event this client gets, or {@link live}. */
  next: number;
  left: boolean;
}

/** Counters of a channel since it was made. */
export interface EventChannelStats {
  /** Events published. */
  published: number;
  /** Events written to clients, one for each client. */
  delivered: number;
  /** Clients closed because they read too slowly. */
  tooSlow: number;
}

/** Whom an event is for. */
export interface EventTarget {
  /** One client or several; unknown ones are ignored. Missing: everyone on the channel. */
  readonly client?: string | readonly string[] | undefined;
}

/**
 * A named group of event streams that get the same events. It outlives who listens to it: {@link hold} detaches the
 * listener and queues what it would be told, {@link listen} attaches the next one.
 *
 * A client that names the last event it has seen gets the kept events behind it, in order, as fast as it reads, then
 * the live ones: it reads the kept events by position until it has caught up, so none is lost or doubled at the seam.
 * Events for single clients are not kept, and get no default id: nobody else may resume from them.
 */
export class EventChannel<Info = unknown> {
  readonly name: string;
  readonly stats: EventChannelStats = { published: 0, delivered: 0, tooSlow: 0 };
  readonly #clients = new Map<string, Client<Info>>();
  readonly #kept: ReplayBuffer;
  readonly #heartbeat = new EventFrame(':\n\n');
  #settings: EventChannelSettings = eventChannelDefaults;
  #lastId: number;
  #timer: NodeJS.Timeout | undefined;
  #listener: EventChannelListener<Info> | undefined;
  /** What happened while nobody listened; at most one connect and one disconnect for each client. */
  #held: (EventConnect<Info> | EventDisconnect<Info>)[] = [];

  /**
   * @param idsFrom the default ids go on behind this number. A clock's tells them apart from those of a channel of the
   *   same name in an earlier process, which clients that come back may still name
   * @throws HttpError INVALID_PAYLOAD for a `retry` that is no number of milliseconds
   */
  constructor(name: string, options: EventChannelOptions = {}, idsFrom = 0) {
    this.name = name;
    this.#lastId = idsFrom;
    this.#kept = new ReplayBuffer({ events: 0, bytes: 0 });
    this.configure(options);
  }

  /** Clients on the channel. */
  get count(): number {
    return this.#clients.size;
  }

  /** True when nothing would be lost with the channel: no clients, no kept events, nothing to tell. */
  get isEmpty(): boolean {
    return this.#clients.size === 0 && this.#kept.end === this.#kept.first && this.#held.length === 0;
  }

  /** Ids of the clients, oldest first. */
  get clients(): string[] {
    return [...this.#clients.keys()];
  }

  /** Replaces the settings; a missing one goes back to its default. Clients stay. */
  configure(options: EventChannelOptions): void {
    if (options.retry !== undefined) encodeRetry(options.retry);
    const before = this.#settings.heartbeat;
    this.#settings = { ...eventChannelDefaults, ...options };
    this.#kept.resize({ events: this.#settings.replay, bytes: this.#settings.replayBytes });
    if (this.#settings.heartbeat !== before) {
      this.#stopHeartbeat();
      this.#startHeartbeat();
    }
  }

  /** Attaches a listener in place of any other and tells it what was held back. */
  listen(listener: EventChannelListener<Info>): void {
    this.#listener = listener;
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.#tell(event);
  }

  /** Detaches the listener: from now on events are held back for the next one. */
  hold(): void {
    this.#listener = undefined;
  }

  /**
   * Turns the response of a GET into an event stream on this channel. A HEAD gets the headers only.
   * @param info handed back with the events about this client
   * @returns the client's id; undefined after a HEAD, or when the client has left already
   * @throws HttpError ALREADY_ANSWERED, or OVERLOADED (503) past `maxClients`
   */
  join(request: IncomingMessage, response: ServerResponse, info: Info): string | undefined {
    if (response.destroyed || request.socket.destroyed) return undefined;
    if (response.headersSent || response.writableEnded) throw new HttpError('ALREADY_ANSWERED');
    const { maxClients, onFull, retry } = this.#settings;
    if (request.method === 'HEAD') {
      new EventStream(request, response, { retry });
      return undefined;
    }
    if (maxClients > 0 && this.#clients.size >= maxClients) {
      if (onFull === 'reject') {
        throw new HttpError('OVERLOADED', { message: 'The channel is full.', headers: { 'Retry-After': '5' } });
      }
      for (const oldest of this.#clients.values()) {
        if (this.#clients.size < maxClients) break;
        this.#remove(oldest, 'replaced');
      }
    }
    const lastEventId = readLastEventId(request);
    const id = randomBytes(8).toString('hex');
    const stream = new EventStream(request, response, {
      retry,
      onEnd: () => {
        this.#remove(client, 'left');
      },
    });
    const client: Client<Info> = {
      id,
      stream,
      info,
      lastEventId: lastEventId?.slice(0, maxIdLength) ?? '',
      next: lastEventId === undefined ? live : this.#kept.after(lastEventId),
      left: false,
    };
    this.#clients.set(id, client);
    this.#startHeartbeat();
    this.#tell({
      event: 'connect',
      client: id,
      channel: this.name,
      count: this.count,
      lastEventId: client.lastEventId,
      info,
    });
    if (client.next !== live) this.#catchUp(client);
    return id;
  }

  /**
   * Sends one event; it is encoded once, whatever the number of clients.
   * @returns the number of clients it was sent to (a client that is still catching up counts: it will get it)
   * @throws HttpError INVALID_PAYLOAD when the event cannot be encoded; nothing was sent then
   */
  publish(event: ServerSentEvent, target: EventTarget = {}): number {
    if (target.client !== undefined) {
      const frame = frameOf(event);
      if (frame === undefined) return 0;
      this.stats.published += 1;
      return this.#each(target.client, (client) => this.#write(client, frame));
    }
    const id = this.#idFor(event);
    const frame = frameOf(id === undefined || id === event.id ? event : { ...event, id });
    if (frame === undefined) return 0;
    this.stats.published += 1;
    const isKept = id !== undefined && this.#settings.replay > 0;
    if (isKept) {
      // Only now: an event that could not be encoded uses up no id.
      const number = Number(id);
      if (number > this.#lastId && number < Number.MAX_SAFE_INTEGER && Number.isInteger(number)) this.#lastId = number;
      this.#kept.push(String(id), frame);
    }
    let sent = 0;
    for (const client of this.#clients.values()) {
      if (!isKept || client.next === live) {
        if (this.#write(client, frame)) sent += 1;
      } else if (client.next < this.#kept.first) this.#remove(client, 'too slow');
      else sent += 1;
    }
    return sent;
  }

  /** Closes clients with a complete `event: close`. @returns how many of them were known */
  close(client: string | readonly string[]): number {
    return this.#each(client, (one) => {
      this.#remove(one, 'closed');
      return true;
    });
  }

  /** Closes all clients with a complete `event: close`. The channel can be joined again afterwards. */
  closeAll(reason: EventDisconnectReason = 'channel removed'): void {
    for (const client of this.#clients.values()) this.#remove(client, reason);
  }

  /** True when the client is on this channel. */
  has(client: string): boolean {
    return this.#clients.has(client);
  }

  /** What {@link join} was given about a client that is on this channel. */
  infoOf(client: string): Info | undefined {
    return this.#clients.get(client)?.info;
  }

  #idFor(event: ServerSentEvent): string | number | undefined {
    if (event.id !== undefined && (event.id as unknown) !== null && event.id !== '') return eventId(event.id);
    return this.#settings.replay > 0 && event.data !== undefined ? this.#lastId + 1 : undefined;
  }

  #each(ids: string | readonly string[], act: (client: Client<Info>) => boolean): number {
    let count = 0;
    for (const id of typeof ids === 'string' ? [ids] : new Set(ids)) {
      const client = this.#clients.get(id);
      if (client !== undefined && act(client)) count += 1;
    }
    return count;
  }

  #write(client: Client<Info>, frame: EventFrame): boolean {
    const { stream } = client;
    const { pending } = stream;
    // An event larger than the backlog is no fault of a client that has read everything so far.
    if (pending > 0 && pending + frame.size > this.#settings.backlog) {
      this.#remove(client, 'too slow');
      return false;
    }
    if (!stream.send(frame)) return false;
    this.stats.delivered += 1;
    return true;
  }

  #catchUp(client: Client<Info>): void {
    const { stream } = client;
    while (!client.left && stream.pending < catchUpBytes) {
      if (client.next >= this.#kept.end) {
        client.next = live;
        return;
      }
      stream.cork();
      const isSent = this.#sendKept(client);
      stream.uncork();
      if (!isSent) return;
    }
    if (!client.left) stream.onceDrained(() => this.#catchUp(client));
  }

  /** Queues kept events up to {@link catchUpBytes}. @returns false when the client is gone */
  #sendKept(client: Client<Info>): boolean {
    while (client.next < this.#kept.end && client.stream.pending < catchUpBytes) {
      const frame = this.#kept.at(client.next);
      if (frame === undefined) {
        // Evicted before the client had read so far: going on would silently skip events.
        this.#remove(client, 'too slow');
        return false;
      }
      if (!client.stream.send(frame)) return false;
      client.next += 1;
      this.stats.delivered += 1;
    }
    return true;
  }

  #remove(client: Client<Info>, reason: EventDisconnectReason): void {
    if (client.left) return;
    client.left = true;
    this.#clients.delete(client.id);
    if (this.#clients.size === 0) this.#stopHeartbeat();
    if (reason === 'too slow') {
      // It would not read a goodbye either; what is queued is let go at once.
      this.stats.tooSlow += 1;
      client.stream.destroy();
    } else client.stream.close();
    const { id, lastEventId, info } = client;
    this.#tell({ event: 'disconnect', client: id, channel: this.name, count: this.count, lastEventId, reason, info });
  }

  #tell(event: EventConnect<Info> | EventDisconnect<Info>): void {
    const listener = this.#listener;
    if (listener === undefined) this.#held.push(event);
    else if (event.event === 'connect') listener.onConnect?.(event);
    else listener.onDisconnect?.(event);
  }

  #startHeartbeat(): void {
    if (this.#timer !== undefined || this.#settings.heartbeat <= 0 || this.#clients.size === 0) return;
    this.#timer = setInterval(() => {
      for (const client of this.#clients.values()) {
        // Who has something to read anyway needs no sign of life.
        if (client.stream.pending === 0) client.stream.send(this.#heartbeat);
      }
    }, this.#settings.heartbeat * 1000);
    this.#timer.unref();
  }

  #stopHeartbeat(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function frameOf(event: ServerSentEvent): EventFrame | undefined {
  const text = encodeEvent(event);
  return text === '' ? undefined : new EventFrame(text);
}
