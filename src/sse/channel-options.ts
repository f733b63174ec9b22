/** Settings of an {@link EventChannel}; all can be changed while it has clients. */
export interface EventChannelOptions {
  /** Events kept for clients that come back with a `Last-Event-ID`. Default 0: none, and no default ids. */
  readonly replay?: number;
  /** Bytes of all kept events together; the oldest go first. Default 16 MiB. */
  readonly replayBytes?: number;
  /** Seconds between comments that keep proxies from cutting an idle stream. Default 15; 0 off. */
  readonly heartbeat?: number;
  /** Clients at once. Default 0: no limit. */
  readonly maxClients?: number;
  /** What happens to one client too many: it gets a 503, or the oldest is closed in its favour. Default "reject". */
  readonly onFull?: 'reject' | 'replace';
  /** Bytes a client may be behind before it is closed. Default 1 MiB. One event alone may be larger. */
  readonly backlog?: number;
  /** Milliseconds that clients are told to wait before they reconnect. Default: not told. */
  readonly retry?: number | string | undefined;
}

/** The settings with every default filled in. */
export interface EventChannelSettings {
  readonly replay: number;
  readonly replayBytes: number;
  readonly heartbeat: number;
  readonly maxClients: number;
  readonly onFull: 'reject' | 'replace';
  readonly backlog: number;
  readonly retry: number | string | undefined;
}

/** The defaults of {@link EventChannelOptions}. */
export const eventChannelDefaults: EventChannelSettings = {
  replay: 0,
  replayBytes: 16 * 1024 * 1024,
  heartbeat: 15,
  maxClients: 0,
  onFull: 'reject',
  backlog: 1024 * 1024,
  retry: undefined,
};

/**
 * Why a client is no longer on its channel: it left (or its connection broke), the flow closed it, it read too slowly
 * for `backlog`, a newer one took its place (`onFull`), or the channel was removed.
 */
export type EventDisconnectReason = 'left' | 'closed' | 'too slow' | 'replaced' | 'channel removed';

/** A client came to a channel. */
export interface EventConnect<Info> {
  readonly event: 'connect';
  readonly client: string;
  readonly channel: string;
  /** Clients on the channel, this one included. */
  readonly count: number;
  /** What the client named as the last event it has seen; '' for none. Untrusted, at most 256 characters. */
  readonly lastEventId: string;
  /** What was given to `join`. */
  readonly info: Info;
}

/** A client left a channel. */
export interface EventDisconnect<Info> extends Omit<EventConnect<Info>, 'event'> {
  readonly event: 'disconnect';
  readonly reason: EventDisconnectReason;
}

/** Who is told about the clients of an {@link EventChannel}. */
export interface EventChannelListener<Info> {
  onConnect?(event: EventConnect<Info>): void;
  onDisconnect?(event: EventDisconnect<Info>): void;
}
