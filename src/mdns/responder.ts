import { setTimeout as wait } from 'node:timers/promises';
import { Answerer } from './answerer.js';
import { type Link, Links } from './links.js';
import { isOwnAddress, machineName } from './network.js';
import { type Claim, Probe, type ProbeOptions } from './probe.js';
import {
  type DnsPacket,
  type DnsRecord,
  addressRecords,
  isAddress,
  isSame,
  isSameName,
  recordsOf,
  serviceName,
  serviceRecord,
} from './record.js';
import { type Platform, thisMachine } from './wire.js';

/** What is told, and where. */
export interface Advertisement {
  /** The name people see; dots become dashes. Another one is chosen when it is taken. */
  readonly name: string;
  /** The address the server listens on: decides where it is told of, and at which addresses. */
  readonly host: string;
  readonly port: number;
  /** The host name without `.local`; this machine's unless said. */
  readonly hostname?: string | undefined;
  /** The UDP port of multicast DNS; 5353 but in tests. */
  readonly dnsPort?: number | undefined;
  /** Milliseconds between two looks at the interfaces; 5000 but in tests. */
  readonly recheck?: number | undefined;
  /** Interfaces and sockets; this machine's but in tests. */
  readonly platform?: Platform | undefined;
  /** Told of a name that was taken and of trouble with the network. */
  readonly onNotice: (notice: string) => void;
}

/** Milliseconds between the two announcements (RFC 6762 8.3). */
const announcePause = 1000;
/** Names that are tried one after the other when they are taken; past some, slowly (RFC 6762 8.1). */
const maxNames = 100;
const quickNames = 15;
const slowPause = 5000;
/** Bytes of a label. */
const maxLabel = 63;

/**
 * Tells the network of one HTTP service by multicast DNS (RFC 6762, RFC 6763), on every interface by which the server is
 * reached, by IPv4 and IPv6, those included that come up later: probes for its names, announces them, answers queries,
 * takes another name everywhere when its own is taken somewhere, and says goodbye.
 *
 * A host name belongs to whoever answers for it first. A responder of this machine (Avahi, say) keeps it, and only the
 * service is told then; one of another machine makes us take another host name.
 */
export class Responder {
  readonly #options: Advertisement;
  readonly #platform: Platform;
  readonly #links: Links;
  readonly #answerer: Answerer;
  readonly #stopping = new AbortController();
  /** How many names were tried. */
  readonly #tries = { host: 1, name: 1 };
  readonly #hostname: string;
  #probe: Probe | undefined;
  #settling: Promise<void> | undefined;

  constructor(options: Advertisement) {
    this.#options = options;
    const { host, dnsPort: port = 5353, platform = thisMachine, recheck, onNotice } = options;
    this.#platform = platform;
    this.#hostname = options.hostname ?? machineName();
    this.#answerer = new Answerer(port, (milliseconds) => this.#pause(milliseconds));
    this.#links = new Links(
      { host, port, platform, recheck },
      {
        onQuery: (link, wire, packet, from) => {
          this.#probe?.compete(link, packet);
          this.#answerer.answer(link, wire, packet, from);
        },
        onResponse: (link, packet) => {
          this.#probe?.hear(link, packet);
          this.#hear(link, packet);
        },
        onChange: (links) => {
          this.#announce(links.filter((link) => this.#isClaimed(link)));
          void this.#settle();
        },
        onNotice,
      },
    );
  }

  /** The name the service has now; another than was asked for when that was taken. */
  get name(): string {
    const count = this.#tries.name;
    return cut(this.#options.name.replace(/\./g, '-'), count === 1 ? '' : ` (${count})`);
  }

  /** `pi.local` */
  get host(): string {
    const count = this.#tries.host;
    return `${cut(this.#hostname, count === 1 ? '' : `-${count}`)}.local`;
  }

  /** Probes and announces. Resolves when the networks there are know, or when it was stopped meanwhile. */
  async start(): Promise<void> {
    await this.#links.start();
    await this.#settle();
  }

  /** Says goodbye and closes the sockets. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#settling;
    // Other services of this kind may live on this machine: only ours are gone.
    await this.#withdraw(({ name }) => !name.startsWith('_services.'));
    await this.#links.stop();
  }

  /** Claims the names on every link where they are not ours yet, and announces them. One run at a time. */
  #settle(): Promise<void> {
    this.#settling ??= this.#claimAndAnnounce()
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.onNotice((error as Error).message);
      })
      .finally(() => {
        this.#settling = undefined;
      });
    return this.#settling;
  }

  async #claimAndAnnounce(): Promise<void> {
    const { name } = this;
    const unclaimed = (): Link[] => this.#links.all.filter((link) => !this.#isClaimed(link));
    for (let links = unclaimed(); links.length > 0; links = unclaimed())
      if ((await this.#claimHost(links)) && (await this.#claimName(links))) this.#announce(links);
    if (this.name !== name)
      this.#options.onNotice(`The name "${name}" is taken on this network: advertised as "${this.name}".`);
  }

  #isClaimed({ claimed }: Link): boolean {
    return claimed.has(this.host) && claimed.has(serviceName(this.name));
  }

  /** @returns false when it was taken: then there is another one to claim, on all links */
  async #claimHost(all: readonly Link[]): Promise<boolean> {
    const { host } = this;
    const links = all.filter(({ claimed }) => !claimed.has(host));
    const isRival = (record: DnsRecord): boolean => isAddress(record) && !this.#isOwn(record);
    const claims = await this.#ask({
      name: host,
      links,
      proposed: ({ place: { addresses } }) => addressRecords({ host, addresses }),
      isClaim: isAddress,
      isRival,
    });
    if (claims.some(({ record }) => isRival(record))) {
      await this.#takeAnother('host', host);
      return false;
    }
    // Where we answer on some link already, an answer of this machine may be our own.
    const isOurs = this.#links.all.some(({ ownsHost }) => ownsHost);
    for (const link of links) {
      link.ownsHost = isOurs || !claims.some((claim) => claim.link === link);
      link.claimed.add(host);
    }
    return true;
  }

  /** @returns false when it was taken: then there is another one to claim, on all links */
  async #claimName(all: readonly Link[]): Promise<boolean> {
    const name = serviceName(this.name);
    const links = all.filter(({ claimed }) => !claimed.has(name));
    const isOfService = (record: DnsRecord): boolean => record.name === name && record.type !== 'NSEC';
    const isRival = (record: DnsRecord): boolean => this.#isOther(record);
    const claims = await this.#ask({
      name,
      links,
      proposed: (link) => this.#recordsAt(link).filter(isOfService),
      isClaim: isRival,
      isRival,
    });
    if (claims.length > 0) {
      await this.#takeAnother('name', name);
      return false;
    }
    for (const { claimed } of links) claimed.add(name);
    return true;
  }

  async #ask(options: ProbeOptions): Promise<readonly Claim[]> {
    if (options.links.length === 0) return [];
    const probe = new Probe(options);
    this.#probe = probe;
    try {
      return await probe.run((milliseconds) => this.#pause(milliseconds));
    } finally {
      this.#probe = undefined;
    }
  }

  /** @throws Error when too many were tried; AbortError */
  async #takeAnother(kind: 'host' | 'name', taken: string): Promise<void> {
    if (this.#tries[kind] >= maxNames) throw new Error(`"${taken}" and ${maxNames - 1} names like it are taken.`);
    if (this.#tries[kind] >= quickNames) await this.#pause(slowPause);
    this.#tries[kind] += 1;
    if (kind === 'host') for (const link of this.#links.all) link.ownsHost = false;
    await this.#withdraw(({ name, data }) => name === taken || data === taken);
  }

  /** Says goodbye to some of what was told, everywhere. */
  async #withdraw(isGone: (record: DnsRecord) => boolean): Promise<void> {
    await Promise.all(
      this.#links.all.map(async (link) => {
        const gone = link.records.filter(isGone);
        link.records = link.records.filter((record) => !gone.includes(record));
        if (gone.length > 0) await link.tell(gone.map((record) => ({ ...record, ttl: 0 })));
      }),
    );
  }

  /** Tells now and in a second, and takes back what is no longer so. */
  #announce(links: readonly Link[]): void {
    for (const link of links) {
      const records = this.#recordsAt(link);
      const gone = link.records.filter((old) => old.type !== 'NSEC' && !records.some((one) => isSame(one, old)));
      link.records = records;
      void link.tell([...records, ...gone.map((record) => ({ ...record, ttl: 0, flush: false }))]);
    }
    void this.#pause(announcePause).then(
      () => {
        for (const link of links) if (this.#isClaimed(link)) void link.tell(link.records);
      },
      () => undefined,
    );
  }

  /** What others say: somebody uses our names, or the owner of our host name leaves. */
  #hear(link: Link, { answers }: DnsPacket): void {
    if (link.records.length === 0) return;
    for (const record of answers) {
      const isHost = isAddress(record) && isSameName(record.name, this.host);
      const isLeaving = record.ttl === 0;
      const isConflict = !isLeaving && (isHost ? link.ownsHost && !this.#isOwn(record) : this.#isOther(record));
      if (!isConflict && !(isHost && isLeaving && !link.ownsHost)) continue;
      // From here on the name is not ours on this link, not even to say goodbye to.
      const lost = isHost ? this.host : serviceName(this.name);
      link.records = link.records.filter(({ name, data }) => name !== lost && data !== lost);
      if (isHost) link.ownsHost = false;
      link.claimed.delete(lost);
      void this.#settle();
      return;
    }
  }

  /** True for the record of another service of our name. */
  #isOther(record: DnsRecord): boolean {
    const ours = serviceRecord({ name: this.name, host: this.host, port: this.#options.port });
    return record.type === 'SRV' && isSameName(record.name, ours.name) && !isSame(record, ours);
  }

  /** True for an address of this machine, and for one that it had at the last look and we still tell. */
  #isOwn(record: DnsRecord): boolean {
    return (
      isOwnAddress(record.data, this.#platform.interfaces()) ||
      this.#links.all.some(({ records }) => records.some((one) => isSame(one, record)))
    );
  }

  #recordsAt({ ownsHost, place }: Link): DnsRecord[] {
    const { name, host } = this;
    const addresses = ownsHost ? place.addresses : [];
    return recordsOf({ name, host, port: this.#options.port, addresses, text: ['path=/'] });
  }

  /** @throws AbortError when it is stopped */
  async #pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#stopping.signal, ref: false });
  }
}

/** A label that ends in the suffix and fits, no character cut in two. */
function cut(name: string, suffix: string): string {
  const bytes = Buffer.from(name);
  let end = Math.min(bytes.length, maxLabel - Buffer.byteLength(suffix));
  // A byte 10xxxxxx continues the character before it.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end) + suffix;
}
