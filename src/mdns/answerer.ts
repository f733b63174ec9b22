import type { Link } from './links.js';
import { type DnsPacket, type DnsRecord, answersTo, isAddress } from './record.js';
import type { Peer, Wire } from './wire.js';

/** Milliseconds between two multicast answers with the same record, and when a probe asks for it (RFC 6762 6). */
const answerPause = { usual: 1000, probe: 250 } as const;
/** Milliseconds an answer waits where others may answer, too (RFC 6762 6), and where more of the query follows (7.2). */
const delays = { shared: [20, 120], truncated: [400, 500] } as const;
/** Seconds an asker that is no multicast DNS resolver may keep an answer (RFC 6762 6.7). */
const legacyLifetime = 10;
/** Answers that wait at once, and records an asker may say to know already. */
const maxWaiting = 100;
const maxKnown = 1000;

/** Answers the queries of a link. */
export class Answerer {
  readonly #port: number;
  readonly #pause: (milliseconds: number) => Promise<void>;
  /** What askers know that have said that they go on, by link and address. */
  readonly #known = new Map<string, DnsRecord[]>();
  #waiting = 0;

  /** @param pause rejects when nothing is to be answered any more */
  constructor(port: number, pause: (milliseconds: number) => Promise<void>) {
    this.#port = port;
    this.#pause = pause;
  }

  /** Answers on the way the query came by, from what is told on that link. */
  answer(link: Link, wire: Wire, packet: DnsPacket, from: Peer): void {
    const asker = `${link.place.name} ${from.address}`;
    if (packet.questions.length === 0) {
      const known = this.#known.get(asker);
      known?.push(...packet.answers.slice(0, maxKnown - known.length));
      return;
    }
    const found = answersTo(packet, link.records);
    if (found.length === 0) return;
    if (from.port !== this.#port) {
      void wire.respond(legacyAnswer(packet, found, link.records), from);
      return;
    }
    const isShared = found.some(({ flush }) => !flush);
    const delay = packet.flag_tc ? delays.truncated : isShared ? delays.shared : undefined;
    if (delay) void this.#answerLater(delay, asker, link, wire, packet);
    else multicast(link, wire, packet);
  }

  async #answerLater(
    [least, most]: readonly [number, number],
    asker: string,
    link: Link,
    wire: Wire,
    packet: DnsPacket,
  ): Promise<void> {
    if (this.#waiting >= maxWaiting) return;
    this.#waiting += 1;
    const answers = [...packet.answers];
    if (packet.flag_tc) this.#known.set(asker, answers);
    try {
      await this.#pause(least + Math.random() * (most - least));
      multicast(link, wire, { ...packet, answers });
    } catch {
      // Stopped while it waited.
    } finally {
      this.#waiting -= 1;
      if (this.#known.get(asker) === answers) this.#known.delete(asker);
    }
  }
}

/** Tells everybody on that way, who want to know, too; not what they have just been told. */
function multicast({ records }: Link, wire: Wire, packet: DnsPacket): void {
  const found = answersTo(packet, records);
  const pause = packet.authorities.length > 0 ? answerPause.probe : answerPause.usual;
  const answers = wire.due(found, pause);
  if (answers.length > 0) void wire.respond({ answers, additionals: additionalsTo(found, records) });
}

function legacyAnswer(
  packet: DnsPacket,
  found: readonly DnsRecord[],
  records: readonly DnsRecord[],
): Partial<DnsPacket> {
  const plain = (list: readonly DnsRecord[]): DnsRecord[] =>
    list.map((record) => ({ ...record, ttl: legacyLifetime, flush: false }));
  const { id = 0, questions } = packet;
  return { id, questions, answers: plain(found), additionals: plain(additionalsTo(found, records)) };
}

/** What will be asked for next (RFC 6763 12). */
function additionalsTo(found: readonly DnsRecord[], records: readonly DnsRecord[]): DnsRecord[] {
  const isWanted = found.some(({ type }) => type === 'PTR') ? ({ type }: DnsRecord) => type !== 'PTR' : isAddress;
  return records.filter((record) => isWanted(record) && !found.includes(record));
}
