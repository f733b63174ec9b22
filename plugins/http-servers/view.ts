/** What the runtime tells the sidebar. Plain data; read by both sides. */

/** A live client of a channel. */
export interface ClientView {
  readonly id: string;
  readonly ip: string;
  readonly path: string;
  /** The name of the user who logged in; "" without one. */
  readonly user: string;
}

/** A channel with clients. */
export interface ChannelView {
  readonly kind: 'sse' | 'websocket';
  /** The name; a channel without one is keyed by the id of its node. */
  readonly name: string;
  readonly count: number;
  /** The first of them, oldest first. */
  readonly clients: readonly ClientView[];
}

/** A server as the sidebar shows it. */
export interface ServerView {
  readonly id: string;
  readonly state: 'listening' | 'stopped' | 'failed' | 'refused';
  /** Empty while it does not listen. */
  readonly url: string;
  /** Why it does not listen; "" without a reason. */
  readonly error: string;
  readonly connections: number;
  readonly requests: number;
  readonly channels: readonly ChannelView[];
  /** Requests that ended since the last look, oldest first. */
  readonly records: readonly RequestView[];
}

/** A finished request with its place among all others and the time its answer ended (milliseconds since 1970). */
export interface RequestView {
  readonly serial: number;
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ip: string;
  readonly user: unknown;
  readonly ms: number;
  readonly result: string;
}
