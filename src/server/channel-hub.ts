/** What every event of a channel tells the hub: which of its owners the client came in by. */
export interface OwnedInfo {
  readonly owner: string;
}

/** A channel as the hub keeps it: it can be without a listener for the time of a redeploy. */
interface HubChannel<O, L> {
  readonly count: number;
  configure(options: O): void;
  listen(listener: L): void;
  hold(): void;
}

interface Slot<C> {
  readonly channel: C;
  readonly owners: Set<string>;
}

/**
 * The channels of one kind on a server, by name. A channel belongs to the nodes that opened it, by their ids, and
 * outlives a redeploy as long as one of them comes back; events wait meanwhile.
 */
export class ChannelHub<C extends HubChannel<O, L>, O, L, E> {
  readonly #make: (name: string, options: O) => C;
  readonly #listener: (dispatch: (owner: string, event: E) => void) => L;
  readonly #end: (channel: C) => void;
  readonly #slots = new Map<string, Slot<C>>();
  readonly #handlers = new Map<string, (event: E) => void>();
  #held = false;

  /**
   * @param make a new channel
   * @param listener wraps a dispatcher into what a channel calls
   * @param end closes the clients of a channel nobody owns any more
   */
  constructor(
    make: (name: string, options: O) => C,
    listener: (dispatch: (owner: string, event: E) => void) => L,
    end: (channel: C) => void,
  ) {
    this.#make = make;
    this.#listener = listener;
    this.#end = end;
  }

  /** Clients of all channels. */
  get count(): number {
    let count = 0;
    for (const { channel } of this.#slots.values()) count += channel.count;
    return count;
  }

  get channels(): C[] {
    return [...this.#slots.values()].map(({ channel }) => channel);
  }

  get(name: string): C | undefined {
    return this.#slots.get(name)?.channel;
  }

  /** An owner (again): events of the clients that came by it go to `handle`. @returns leaves; its events wait then */
  attach(owner: string, handle: (event: E) => void): () => void {
    this.#handlers.set(owner, handle);
    if (!this.#held) for (const slot of this.#slots.values()) if (slot.owners.has(owner)) this.#listen(slot);
    return () => {
      if (this.#handlers.get(owner) !== handle) return;
      this.#handlers.delete(owner);
      for (const slot of this.#slots.values()) if (slot.owners.has(owner)) slot.channel.hold();
    };
  }

  /** The channel of this name for an owner, made if there is none, with these settings from now on. */
  open(owner: string, name: string, options: O): C {
    let slot = this.#slots.get(name);
    if (slot) {
      if (!slot.owners.has(owner)) slot.channel.configure(options);
    } else {
      slot = { channel: this.#make(name, options), owners: new Set() };
      this.#slots.set(name, slot);
    }
    if (!slot.owners.has(owner)) {
      slot.owners.add(owner);
      if (!this.#held) this.#listen(slot);
    }
    return slot.channel;
  }

  /** Applies settings to every channel an owner has. */
  configure(owner: string, options: O): void {
    for (const { channel, owners } of this.#slots.values()) if (owners.has(owner)) channel.configure(options);
  }

  /** Lets all events wait: the flows restart. */
  hold(): void {
    this.#held = true;
    for (const { channel } of this.#slots.values()) channel.hold();
  }

  /** Hands out what waited; channels whose owners have not come back are closed. */
  release(): void {
    this.#held = false;
    for (const [name, slot] of this.#slots) {
      for (const owner of slot.owners) if (!this.#handlers.has(owner)) slot.owners.delete(owner);
      if (slot.owners.size > 0) {
        this.#listen(slot);
        continue;
      }
      this.#slots.delete(name);
      this.#end(slot.channel);
    }
  }

  /** Closes the clients of all channels. */
  end(): void {
    for (const { channel } of this.#slots.values()) this.#end(channel);
  }

  #listen({ channel, owners }: Slot<C>): void {
    channel.listen(
      this.#listener((owner, event) => {
        // A client whose own node is gone is told about by another node of its channel.
        const handle =
          this.#handlers.get(owner) ?? [...owners].map((id) => this.#handlers.get(id)).find((one) => one !== undefined);
        handle?.(event);
      }),
    );
  }
}
