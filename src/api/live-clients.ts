import { HttpError } from '../errors.js';
import { claimAnswer, isAnswered, releaseAnswer } from '../exchange/claim.js';
import { acceptWebSocket } from '../server/accept-websocket.js';
import type { Server as CoreServer } from '../server/server.js';
import { upgradeData } from '../server/upgrade-data.js';
import type { EventChannelOptions } from '../sse/channel-options.js';
import type { EventChannel } from '../sse/channel.js';
import type { ServerSentEvent } from '../sse/encode-event.js';
import type { ClientInfo } from '../server/live-channels.js';
import type { SocketChannelOptions } from '../websocket/channel-options.js';
import type { Connection } from '../websocket/connection.js';
import type { Request } from './request.js';

/** The one owner of all channels of a server that is used by code. */
const owner = 'api';

/** Who hears what happens on one WebSocket. */
export interface SocketListener {
  onMessage(data: string | Buffer): void;
  onClosed(code: number, reason: string): void;
}

interface Stream {
  readonly channel: EventChannel<ClientInfo>;
  readonly onEnd: () => void;
}

/** The event streams and WebSockets of a server: the engine's channels, led to one object for each client. */
export class LiveClients {
  readonly #core: CoreServer;
  readonly #streams = new Map<string, Stream>();
  readonly #sockets = new Map<string, SocketListener>();

  constructor(core: CoreServer) {
    this.#core = core;
    core.eventChannels.attach(owner, (event) => {
      if (event.event !== 'disconnect') return;
      const stream = this.#streams.get(event.client);
      this.#streams.delete(event.client);
      stream?.onEnd();
    });
    core.socketChannels.attach(owner, (event) => {
      const listener = this.#sockets.get(event.client);
      if (event.event === 'message') listener?.onMessage(event.data as string | Buffer);
      else if (event.event === 'disconnect') {
        this.#sockets.delete(event.client);
        listener?.onClosed(event.code, event.reason);
      }
    });
  }

  /**
   * Turns a request into an event stream.
   * @returns its client id; undefined after a HEAD or when the client has left
   * @throws HttpError ALREADY_ANSWERED
   */
  join(request: Request, options: EventChannelOptions, onEnd: () => void): string | undefined {
    const { raw, response } = request;
    const channel = this.#core.eventChannels.open(owner, JSON.stringify(options), options);
    if (!claimAnswer(response)) return undefined;
    try {
      const client = channel.join(raw, response, { owner, upgrade: upgradeData(raw) });
      if (client !== undefined) this.#streams.set(client, { channel, onEnd });
      return client;
    } catch (error) {
      releaseAnswer(response);
      throw error;
    }
  }

  /** @returns false when the client was closed for reading too slowly @throws HttpError INVALID_PAYLOAD */
  publish(client: string, event: ServerSentEvent): boolean {
    return this.#streams.get(client)?.channel.publish(event, { client }) === 1;
  }

  /** Ends an event stream with a complete `event: close`. */
  closeStream(client: string): void {
    this.#streams.get(client)?.channel.close(client);
  }

  /**
   * Accepts the upgrade of a request.
   * @returns undefined when the client has left already
   * @throws HttpError ALREADY_ANSWERED, UPGRADE_REQUIRED, BAD_REQUEST, ORIGIN_REFUSED, OVERLOADED
   */
  accept(
    request: Request,
    options: SocketChannelOptions,
    listener: SocketListener,
  ): Connection<ClientInfo> | undefined {
    if (isAnswered(request.response)) throw new HttpError('ALREADY_ANSWERED');
    const channel = this.#core.socketChannels.open(owner, JSON.stringify(options), options);
    const connection = acceptWebSocket(request.raw, channel, owner);
    if (connection) this.#sockets.set(connection.id, listener);
    return connection;
  }
}
