import type { HttpError } from '../errors.js';
import type { JsonParser, MessageFormat } from './decode-message.js';

/** Settings of a {@link SocketChannel}; all can be changed while it has clients. */
export interface SocketChannelSettings {
  /** Subprotocols that are spoken here, best first. Default []: none is agreed on. */
  readonly subprotocols: readonly string[];
  /** How messages reach the listener. Default "auto". */
  readonly format: MessageFormat;
  /** Bytes of a message, after decompression; more ends in 1009. Default 1 MiB. For new clients. */
  readonly maxMessageSize: number;
  /** Fragments of a message; more end in 1008. Default 0: 131,072, for 1 MiB of bookkeeping. For new clients. */
  readonly maxFragments: number;
  /** Seconds between pings; who has not answered by the next one is cut. Default 30; 0 off. */
  readonly heartbeat: number;
  /** Pages that may connect: see `OriginPolicy`. Default []: those of the same origin. */
  readonly origins: readonly string[];
  /** permessage-deflate for clients that offer it. Default false. For new clients. */
  readonly compression: boolean;
  /** Clients at once. Default 0: no limit. */
  readonly maxClients: number;
  /** What happens to one client too many: it gets a 503, or the oldest is closed in its favour. Default "reject". */
  readonly onFull: 'reject' | 'replace';
  /** Bytes a client may be behind before it is closed with 1013. Default 4 MiB. One message alone may be larger. */
  readonly backlog: number;
  /** Messages a client may send in a second before it is closed with 1008. Default 0: any number. */
  readonly messageRate: number;
  /** Milliseconds a client has to answer a close frame before it is cut. Default 5000. For new clients. */
  readonly closeTimeout: number;
  /** Parses messages for the format "json". Default `JSON.parse`. */
  readonly parseJson: JsonParser;
}

/** What may be said about a {@link SocketChannel}: what is missing has its default. */
export type SocketChannelOptions = Partial<SocketChannelSettings>;

/** The defaults of {@link SocketChannelOptions}. */
export const socketChannelDefaults: SocketChannelSettings = {
  subprotocols: [],
  format: 'auto',
  maxMessageSize: 1024 * 1024,
  maxFragments: 0,
  heartbeat: 30,
  origins: [],
  compression: false,
  maxClients: 0,
  onFull: 'reject',
  backlog: 4 * 1024 * 1024,
  messageRate: 0,
  closeTimeout: 5000,
  parseJson: (text) => JSON.parse(text) as unknown,
};

/** What all events of a channel tell. */
interface ClientEvent<Info> {
  readonly client: string;
  readonly channel: string;
  /** What was given to `accept`. */
  readonly info: Info;
}

/** A message of a client, decoded as the channel's `format` says. */
export interface SocketMessage<Info> extends ClientEvent<Info> {
  readonly event: 'message';
  readonly data: unknown;
  readonly isBinary: boolean;
}

/** A client came. */
export interface SocketConnect<Info> extends ClientEvent<Info> {
  readonly event: 'connect';
  /** Clients on the channel, this one included. */
  readonly count: number;
}

/** A client is gone. */
export interface SocketDisconnect<Info> extends ClientEvent<Info> {
  readonly event: 'disconnect';
  /** Clients that are left on the channel. */
  readonly count: number;
  /** The code of the close frame that came first; 1005: the client gave none; 1006: there was no close frame. */
  readonly code: number;
  readonly reason: string;
}

/** A client did something wrong. With a code it is being closed; without one (invalid JSON) it stays. */
export interface SocketError<Info> extends ClientEvent<Info> {
  readonly event: 'error';
  readonly count: number;
  readonly code: number | undefined;
  readonly reason: string;
  readonly error: HttpError;
}

/** Whatever happens on a channel. */
export type SocketEvent<Info> = SocketMessage<Info> | SocketConnect<Info> | SocketDisconnect<Info> | SocketError<Info>;

/** Who is told what happens on a {@link SocketChannel}. Each client's events come in order: connect first, disconnect last. */
export interface SocketChannelListener<Info> {
  onMessage?(event: SocketMessage<Info>): void;
  onConnect?(event: SocketConnect<Info>): void;
  onDisconnect?(event: SocketDisconnect<Info>): void;
  onError?(event: SocketError<Info>): void;
}
