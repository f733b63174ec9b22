import { type Socket, createSocket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Interfaces, Place } from './network.js';
import type { DnsPacket, DnsRecord } from './record.js';

/** What a machine offers to speak by; replaced in tests. */
export interface Platform {
  interfaces(): Interfaces;
  createSocket: typeof createSocket;
}
export const thisMachine: Platform = { interfaces: networkInterfaces, createSocket };

export type Family = 'IPv4' | 'IPv6';

/** Where a packet came from. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** The part of the wire library that is used. */
interface Dns extends EventEmitter {
  query(packet: Partial<DnsPacket>, done: () => void): void;
  respond(packet: Partial<DnsPacket>, to: Peer | null, done: () => void): void;
  destroy(done: () => void): void;
}

/** The groups of multicast DNS (RFC 6762 3). */
const groups = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;
/** Packets that are no neighbour's have crossed a router, which takes one off (RFC 6762 11). */
const hops = 255;

/** Multicast DNS by one family of addresses on one interface. */
export class Wire {
  /** What multicast leaves by; another wire is needed when that changes. */
  readonly way: string;
  readonly #dns: Dns;
  readonly #socket: Socket;
  readonly #group: string;
  /** When each record was last multicast here, as RFC 6762 6 counts by interface. */
  readonly #lastSent = new Map<string, number>();
  #isBroken = false;

  private constructor(dns: Dns, socket: Socket, family: Family, way: string) {
    this.#dns = dns;
    this.#socket = socket;
    this.#group = groups[family];
    this.way = way;
    dns.on('error', () => {
      this.#isBroken = true;
    });
  }

  /** What multicast leaves by: an address, or `::%` and the zone; undefined where the family is not spoken. */
  static wayOf(place: Place, family: Family): string | undefined {
    if (family === 'IPv4') return place.ipv4;
    return place.ipv6 ? `::%${place.zone}` : undefined;
  }

  /** @throws Error of the system when it cannot be bound, or the interface takes no multicast */
  static async open(way: string, family: Family, port: number, platform: Platform): Promise<Wire> {
    const isV4 = family === 'IPv4';
    // A socket of IPv6 must leave IPv4 alone, or it would hear that, too.
    const socket = platform.createSocket({ type: isV4 ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: !isV4 });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when a server is told of at all
    const dns = (require('multicast-dns') as (options: object) => Dns)({
      socket,
      port,
      type: isV4 ? 'udp4' : 'udp6',
      ip: groups[family],
      interface: way,
      bind: isV4 ? '0.0.0.0' : '::',
      // Joining is done below: the library does it once and never again.
      multicast: false,
    });
    const wire = new Wire(dns, socket, family, way);
    try {
      await new Promise<void>((done, fail) => dns.once('ready', done).once('error', fail));
      wire.join();
      socket.setMulticastTTL(hops);
      socket.setTTL(hops);
      socket.setMulticastLoopback(true);
      return wire;
    } catch (error) {
      await wire.close();
      throw error;
    }
  }

  /** True when it has to be opened anew. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  on(kind: 'query' | 'response', listener: (packet: DnsPacket, from: Peer) => void): void {
    this.#dns.on(kind, listener);
  }

  /**
   * Joins the group, unless it is in it: an interface that was taken out and put in again has forgotten.
   *
   * @returns whether it was not in it
   * @throws Error of the system when the interface takes no multicast
   */
  join(): boolean {
    try {
      this.#socket.addMembership(this.#group, this.way);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
      throw error;
    }
    this.#socket.setMulticastInterface(this.way);
    return true;
  }

  /** Asks everybody. */
  query(packet: Pick<DnsPacket, 'questions' | 'authorities'>): void {
    this.#dns.query(packet, () => undefined);
  }

  /** Answers one, or tells everybody. Resolves when it is on its way; what the network does not take is lost. */
  async respond(packet: Partial<DnsPacket>, to: Peer | null = null): Promise<void> {
    await new Promise<void>((done) => this.#dns.respond(packet, to, () => done()));
  }

  /** The records that were not multicast here in the last `pause` milliseconds; they count as sent now. */
  due(records: readonly DnsRecord[], pause: number): DnsRecord[] {
    const now = performance.now();
    return records.filter((record) => {
      const key = `${record.type} ${record.name} ${JSON.stringify(record.data)}`;
      if (now - (this.#lastSent.get(key) ?? -Infinity) < pause) return false;
      this.#lastSent.set(key, now);
      return true;
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => {
      try {
        this.#dns.destroy(done);
      } catch {
        // Never bound, or closed by the system.
        done();
      }
    });
  }
}
