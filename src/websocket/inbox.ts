import type { SocketChannelListener, SocketEvent } from './channel-options.js';

/** Events, and bytes of messages, that are held back before the channel stops reading from its clients. */
const maxHeld = { events: 1000, bytes: 1024 * 1024 } as const;

/**
 * Where the events of a channel go: to its listener, or, while there is none, into a queue for the next one. The queue
 * never loses an event; it tells when it has enough, and then no client is read from any more.
 */
export class Inbox<Info> {
  #listener: SocketChannelListener<Info> | undefined;
  #held: SocketEvent<Info>[] = [];
  #bytes = 0;

  /** True while there is nobody to tell. */
  get isHolding(): boolean {
    return this.#listener === undefined;
  }

  /** True when nothing is held back. */
  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** True when reading should stop until somebody listens again. */
  get isFull(): boolean {
    return this.isHolding && (this.#held.length >= maxHeld.events || this.#bytes >= maxHeld.bytes);
  }

  /** Attaches a listener in place of any other and tells it what was held back. */
  listen(listener: SocketChannelListener<Info>): void {
    this.#listener = listener;
    const held = this.#held;
    this.#held = [];
    this.#bytes = 0;
    for (const event of held) this.put(event, 0);
  }

  /** Detaches the listener. */
  hold(): void {
    this.#listener = undefined;
  }

  /** Tells the listener, or holds the event back. @param bytes what it costs to hold it back */
  put(event: SocketEvent<Info>, bytes: number): void {
    const listener = this.#listener;
    if (listener === undefined) {
      this.#held.push(event);
      this.#bytes += bytes;
      return;
    }
    switch (event.event) {
      case 'message':
        listener.onMessage?.(event);
        break;
      case 'connect':
        listener.onConnect?.(event);
        break;
      case 'disconnect':
        listener.onDisconnect?.(event);
        break;
      case 'error':
        listener.onError?.(event);
        break;
    }
  }
}
