/** What every event of a channel tells the hub: which of its owners the client came in by. */
export interface OwnedInfo {
  readonly owner: string;
}

/** Channels without clients that are kept because of what they hold for clients that come back. */
const maxKept = 1000;

/** A channel as the hub keeps it: it can be without a listener for the time of a redeploy. */
interface HubChannel<O, L> {
  readonly name: string;
  readonly count: number;
  /** True when nothing would be lost with the channel: no clients, nothing kept for those that come back. */
  readonly isEmpty: boolean;
  configure(options: O): void;
  listen(listener: L): void;
  hold(): void;
}

/** An owner has one channel of its own; others it opens when a message names them. */
type Tie = 'own' | 'named';

interface Owned<O> {
  tie: Tie;
  options: O;
}

interface Slot<C, O> {
  readonly channel: C;
  readonly owners: Map<string, Owned<O>>;
}

/** What a hub does with its kind of channel. */
export interface ChannelKind<C, O, L, E> {
  /** A new channel. */
  make(name: string, options: O): C;
  /** The settings of a channel that several owners share; called with one at least. */
  merge(options: readonly O[]): O;
  /** Wraps a dispatcher into what a channel calls. */
  listener(dispatch: (owner: string, event: E) => void): L;
  /** Closes the clients of a channel nobody owns any more. */
  end(channel: C): void;
}

/**
 * The channels of one kind on a server, by name. A channel belongs to the nodes that opened it, by their ids, and
 * outlives a redeploy as long as one of them comes back; events wait meanwhile.
 */
export class ChannelHub<C extends HubChannel<O, L>, O, L, E extends { readonly event: string }> {
  readonly #kind: ChannelKind<C, O, L, E>;
  readonly #slots = new Map<string, Slot<C, O>>();
  readonly #handlers = new Map<string, (event: E) => void>();
  /** The name of each owner's own channel. */
  readonly #own = new Map<string, string>();
  readonly #watchers = new Set<() => void>();
  /** All channels; undefined after one has come or gone. */
  #channels: readonly C[] | undefined;
  #held = false;

  constructor(kind: ChannelKind<C, O, L, E>) {
    this.#kind = kind;
  }

  /** Clients of all channels. */
  get count(): number {
    let count = 0;
    for (const { channel } of this.#slots.values()) count += channel.count;
    return count;
  }

  get channels(): readonly C[] {
    return (this.#channels ??= [...this.#slots.values()].map(({ channel }) => channel));
  }

  get(name: string): C | undefined {
    return this.#slots.get(name)?.channel;
  }

  /** The channels an owner has opened. */
  channelsOf(owner: string): C[] {
    return [...this.#slots.values()].filter(({ owners }) => owners.has(owner)).map(({ channel }) => channel);
  }

  /** Calls back whenever clients have come or gone. @returns ends it */
  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
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

  /** The owner's own channel, shared with the owners that call one of the same name their own. */
  open(owner: string, name: string, options: O): C {
    this.#own.set(owner, name);
    return this.#tie(owner, name, name, options, 'own');
  }

  /** The owner's own channel, and nobody else's: several may have the same name. */
  openAlone(owner: string, name: string, options: O): C {
    const key = `${owner} ${name}`;
    this.#own.set(owner, key);
    return this.#tie(owner, key, name, options, 'own');
  }

  /** All channels of a name. */
  all(name: string): C[] {
    return this.channels.filter((channel) => channel.name === name);
  }

  /**
   * A channel that a message names, made if there is none. It goes when it is empty; of those that keep something for
   * clients to come, at most {@link maxKept} stay, the latest.
   */
  named(owner: string, name: string, options: O): C {
    const known = this.#slots.get(name);
    if (known?.owners.has(owner) === true) return known.channel;
    this.#sweep();
    return this.#tie(owner, name, name, options, 'named');
  }

  /** Applies settings to every channel an owner has. */
  configure(owner: string, options: O): void {
    for (const slot of this.#slots.values()) {
      const owned = slot.owners.get(owner);
      if (!owned) continue;
      owned.options = options;
      this.#configure(slot);
    }
  }

  /** Lets all events wait: the flows restart. */
  hold(): void {
    this.#held = true;
    for (const { channel } of this.#slots.values()) channel.hold();
  }

  /** Hands out what waited; channels whose owners have not come back, or call another their own, are closed. */
  release(): void {
    this.#held = false;
    for (const owner of this.#own.keys()) if (!this.#handlers.has(owner)) this.#own.delete(owner);
    for (const [key, slot] of this.#slots) {
      for (const [owner, { tie }] of slot.owners) {
        if (!this.#handlers.has(owner) || (tie === 'own' && this.#own.get(owner) !== key)) slot.owners.delete(owner);
      }
      if (slot.owners.size > 0) {
        this.#configure(slot);
        this.#listen(slot);
        continue;
      }
      this.#drop(key);
      this.#kind.end(slot.channel);
    }
    this.#tellWatchers();
  }

  /** Closes the clients of all channels. */
  end(): void {
    for (const { channel } of this.#slots.values()) this.#kind.end(channel);
  }

  #tie(owner: string, key: string, name: string, options: O, tie: Tie): C {
    let slot = this.#slots.get(key);
    if (!slot) {
      slot = { channel: this.#kind.make(name, options), owners: new Map() };
      this.#slots.set(key, slot);
      this.#channels = undefined;
    }
    const known = slot.owners.get(owner);
    if (known) {
      if (tie === 'own') known.tie = tie;
      return slot.channel;
    }
    slot.owners.set(owner, { tie, options });
    if (slot.owners.size > 1) this.#configure(slot);
    if (!this.#held) this.#listen(slot);
    return slot.channel;
  }

  #drop(key: string): void {
    this.#slots.delete(key);
    this.#channels = undefined;
  }

  #configure({ channel, owners }: Slot<C, O>): void {
    channel.configure(this.#kind.merge([...owners.values()].map(({ options }) => options)));
  }

  #sweep(): void {
    let kept = 0;
    const idle = [...this.#slots].filter(([, slot]) => slot.channel.count === 0 && isNamed(slot));
    for (const [name, { channel }] of idle.reverse()) {
      if (!channel.isEmpty) kept += 1;
      if (channel.isEmpty || kept >= maxKept) this.#drop(name);
    }
  }

  #listen({ channel, owners }: Slot<C, O>): void {
    channel.listen(
      this.#kind.listener((owner, event) => {
        // A client whose own node is gone is told about by another node of its channel.
        const handle =
          this.#handlers.get(owner) ??
          [...owners.keys()].map((id) => this.#handlers.get(id)).find((one) => one !== undefined);
        handle?.(event);
        if (event.event !== 'message') this.#tellWatchers();
      }),
    );
  }

  #tellWatchers(): void {
    for (const callback of this.#watchers) callback();
  }
}

function isNamed({ owners }: Slot<unknown, unknown>): boolean {
  for (const { tie } of owners.values()) if (tie === 'own') return false;
  return true;
}
