import { type Place, isNear, placesOf } from './network.js';
import type { DnsPacket, DnsRecord } from './record.js';
import { type Family, type Peer, type Platform, Wire } from './wire.js';

/** One interface of this machine, and what is told there. */
export class Link {
  place: Place;
  readonly wires = new Map<Family, Wire>();
  /** What those on this link were told. */
  records: readonly DnsRecord[] = [];
  /** The names nobody else has here, as far as was asked. */
  readonly claimed = new Set<string>();
  /** Whether we answer for the host name; not where another responder of this machine does. */
  ownsHost = false;

  constructor(place: Place) {
    this.place = place;
  }

  query(packet: Pick<DnsPacket, 'questions' | 'authorities'>): void {
    // The library writes into what it is given.
    for (const wire of this.wires.values()) wire.query({ ...packet });
  }

  /** Tells everybody on this link. */
  async tell(answers: readonly DnsRecord[]): Promise<void> {
    await Promise.all([...this.wires.values()].map((wire) => wire.respond({ answers })));
  }
}

/** What becomes of what is heard. */
export interface LinkListener {
  onQuery(link: Link, wire: Wire, packet: DnsPacket, from: Peer): void;
  onResponse(link: Link, packet: DnsPacket): void;
  /** These links are new, or have other addresses. */
  onChange(links: readonly Link[]): void;
  onNotice(notice: string): void;
}

export interface LinksOptions {
  /** The address the server listens on. */
  readonly host: string;
  readonly port: number;
  readonly platform: Platform;
  /** Milliseconds between two looks at the interfaces; 5000 unless said. */
  readonly recheck?: number | undefined;
}

const usualRecheck = 5000;
const families: readonly Family[] = ['IPv4', 'IPv6'];

/** The interfaces by which a server is reached: they come and go while it runs. */
export class Links {
  readonly #options: LinksOptions;
  readonly #listener: LinkListener;
  readonly #links = new Map<string, Link>();
  /** Ways that failed: each is told of once. */
  readonly #failed = new Set<string>();
  /** The interfaces at the last look, and what they come to. */
  #seen: { readonly interfaces: string; readonly places: readonly Place[] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;

  constructor(options: LinksOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get all(): Link[] {
    return [...this.#links.values()];
  }

  /** Opens what there is, and looks again from then on. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.check(), this.#options.recheck ?? usualRecheck).unref();
    await this.check();
  }

  /** Brings the links in line with the interfaces. One look at a time. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const places = this.#places();
    for (const [name, link] of this.#links) {
      if (places.some((place) => place.name === name)) continue;
      this.#links.delete(name);
      await Promise.all([...link.wires.keys()].map((family) => this.#close(link, family)));
    }
    const changed = new Set<Link>();
    for (const place of places) {
      const link = this.#links.get(place.name) ?? new Link(place);
      if (String(link.place.addresses) !== String(place.addresses)) changed.add(link);
      link.place = place;
      for (const family of families)
        if (await this.#align(link, family)) {
          link.claimed.clear();
          changed.add(link);
        }
      if (link.wires.size > 0) this.#links.set(place.name, link);
      else this.#links.delete(place.name);
    }
    if (changed.size > 0 && this.#timer) this.#listener.onChange([...changed]);
  }

  #places(): readonly Place[] {
    const { host, platform } = this.#options;
    const now = platform.interfaces();
    const interfaces = JSON.stringify(now);
    if (this.#seen?.interfaces !== interfaces) this.#seen = { interfaces, places: placesOf(host, now) };
    return this.#seen.places;
  }

  /** @returns whether there is something on the other end that may never have heard of us */
  async #align(link: Link, family: Family): Promise<boolean> {
    const way = Wire.wayOf(link.place, family);
    const wire = link.wires.get(family);
    try {
      if (wire && wire.way === way && !wire.isBroken) return wire.join();
      if (wire) await this.#close(link, family);
      // Stopped while something was closed.
      if (way === undefined || !this.#timer) return false;
      await this.#open(link, family, way);
      this.#failed.delete(way);
      return true;
    } catch (error) {
      await this.#close(link, family);
      if (way !== undefined && !this.#failed.has(way)) {
        this.#failed.add(way);
        this.#listener.onNotice(`Not told of by ${family} on ${link.place.name}: ${(error as Error).message}`);
      }
      return false;
    }
  }

  async #open(link: Link, family: Family, way: string): Promise<void> {
    const wire = await Wire.open(way, family, this.#options.port, this.#options.platform);
    wire.on('query', (packet, from) => {
      if (isNear(from.address, link.place)) this.#listener.onQuery(link, wire, packet, from);
    });
    wire.on('response', (packet, from) => {
      if (isNear(from.address, link.place)) this.#listener.onResponse(link, packet);
    });
    link.wires.set(family, wire);
  }

  async #close(link: Link, family: Family): Promise<void> {
    const wire = link.wires.get(family);
    if (!wire) return;
    link.wires.delete(family);
    await wire.close();
  }

  /** Closes all. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#checking;
    await Promise.all(this.all.flatMap((link) => [...link.wires.keys()].map((family) => this.#close(link, family))));
    this.#links.clear();
  }
}
