import type { Link } from './links.js';
import { type DnsPacket, type DnsRecord, comparePrecedence, isSameName } from './record.js';

/** Milliseconds between probes and how many (RFC 6762 8.1), and until who lost a race tries again (8.2). */
const probing = { pause: 250, times: 3, lost: 1000 } as const;

/** A record of somebody who has the name. */
export interface Claim {
  readonly link: Link;
  readonly record: DnsRecord;
}

export interface ProbeOptions {
  readonly name: string;
  readonly links: readonly Link[];
  /** What would be told under that name on a link. */
  readonly proposed: (link: Link) => readonly DnsRecord[];
  /** True for a record by which somebody has the name. */
  readonly isClaim: (record: DnsRecord) => boolean;
  /** True for a record of another machine or service. What is not comes back from us, maybe by another interface. */
  readonly isRival: (record: DnsRecord) => boolean;
}

/** The question who has a name, on several links at once (RFC 6762 8.1). */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #claims: Claim[] = [];
  #isLost = false;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** What somebody has answered, to us or to others. */
  hear(link: Link, { answers, additionals }: DnsPacket): void {
    const { name, links, isClaim } = this.#options;
    if (!links.includes(link)) return;
    for (const record of [...answers, ...additionals])
      if (isSameName(record.name, name) && record.ttl !== 0 && isClaim(record)) this.#claims.push({ link, record });
  }

  /** What somebody asks. Who probes for the same name at the same time, and would have it, goes first (8.2). */
  compete(link: Link, { authorities }: DnsPacket): void {
    const { name, links, proposed, isRival } = this.#options;
    const theirs = authorities.filter((record) => isSameName(record.name, name));
    if (links.includes(link) && theirs.some(isRival) && comparePrecedence(proposed(link), theirs) < 0)
      this.#isLost = true;
  }

  /**
   * Asks three times on each link.
   *
   * @returns the records of who has the name, [] when it is free
   * @throws AbortError of `pause`
   */
  async run(pause: (milliseconds: number) => Promise<void>): Promise<readonly Claim[]> {
    const { name, links, proposed } = this.#options;
    await pause(Math.random() * probing.pause);
    for (let left: number = probing.times; left > 0 && this.#claims.length === 0; left -= 1) {
      for (const link of links) {
        const authorities = proposed(link).map((record) => ({ ...record, flush: false }));
        link.query({ questions: [{ name, type: 'ANY' }], authorities });
      }
      await pause(probing.pause);
      if (!this.#isLost) continue;
      this.#isLost = false;
      left = probing.times + 1;
      await pause(probing.lost);
    }
    return this.#claims;
  }
}
