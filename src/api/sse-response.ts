import { HttpError } from '../errors.js';
import type { EventChannelOptions } from '../sse/channel-options.js';
import { type Answer, type StreamOptions, setHead } from './answer.js';
import type { LiveClients } from './live-clients.js';
import type { Request } from './request.js';

/** What is said of one event besides its data (API row SS2). */
export interface SSEEventOptions {
  readonly event?: string;
  readonly id?: string | number;
  /** Milliseconds the client waits before it reconnects. */
  readonly retry?: string | number;
  readonly customFields?: Readonly<Record<string, unknown>>;
}

/** Headers and cookies of the stream, and how it is kept. */
export type SSEResponseOptions = StreamOptions & Pick<EventChannelOptions, 'heartbeat' | 'backlog'>;

/**
 * An event stream (API rows SS1–SS7): keep the object, return it from the handler, and send events for as long as the
 * client stays. Any number of clients; one that reads too slowly is closed.
 */
export class SSEResponse implements Answer {
  readonly request: Request;
  readonly #live: LiveClients;
  readonly #options: SSEResponseOptions;
  readonly #listeners: (() => void)[] = [];
  #client: string | undefined;
  #closed = false;

  constructor(request: Request, options: SSEResponseOptions = {}) {
    this.request = request;
    this.#live = request.server.live;
    this.#options = options;
  }

  /** True once nothing can be sent any more, whoever ended the stream. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Calls back once when the stream is over. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#listeners.push(listener);
  }

  /** Opens the stream. The server calls it with what the handler returns. @throws HttpError ALREADY_ANSWERED */
  send(): void {
    if (this.#client !== undefined || this.#closed) return;
    const { headers, cookies, ...channel } = this.#options;
    setHead(this.request, { headers, cookies });
    this.#client = this.#live.join(this.request, channel, () => this.#end());
    if (this.#client === undefined) this.#end();
  }

  /**
   * Sends one event; text as it is, anything else as JSON, every line its own `data` field. The first opens the stream.
   * @returns false when the client was closed because it reads too slowly
   * @throws HttpError CONNECTION_CLOSED on a stream that is over, INVALID_PAYLOAD for a line break in event or id
   */
  sendEvent(data: unknown, { event, id, retry, customFields }: SSEEventOptions = {}): boolean {
    this.send();
    if (this.#closed || this.#client === undefined)
      throw new HttpError('CONNECTION_CLOSED', { message: 'The event stream is closed.' });
    return this.#live.publish(this.#client, { data, event, id, retry, fields: customFields });
  }

  /** Says a whole `event: close` and ends the stream. Does nothing on one that is over. */
  close(): void {
    if (this.#client !== undefined && !this.#closed) this.#live.closeStream(this.#client);
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
