import type { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { interfaceOf, isNear, isOwnAddress, machineName, reachableAddresses } from './network.js';
import {
  type DnsPacket,
  type DnsRecord,
  type Service,
  addressRecords,
  answersTo,
  isSameName,
  recordsOf,
  serviceName,
  targetOf,
} from './record.js';

/** What is told, and where. */
export interface Advertisement {
  /** The name people see; dots become dashes. Another one is chosen when it is taken. */
  readonly name: string;
  /** The address the server listens on: decides which addresses are told. */
  readonly host: string;
  readonly port: number;
  /** The host name without `.local`; this machine's unless said. */
  readonly hostname?: string | undefined;
  /** The UDP port of multicast DNS; 5353 but in tests. */
  readonly dnsPort?: number | undefined;
  /** Told of a name that was taken and of trouble with the network. */
  readonly onNotice: (notice: string) => void;
}

/** The part of the wire library that is used. */
interface Wire extends EventEmitter {
  query(packet: Partial<DnsPacket>): void;
  respond(packet: Partial<DnsPacket>, to?: object | null, done?: () => void): void;
  destroy(done: () => void): void;
}

/** Milliseconds between probes and how many (RFC 6762 8.1), and between the two announcements (8.3). */
const probing = { pause: 250, times: 3 } as const;
const announcePause = 1000;
/** Milliseconds between two multicast answers with the same record, and when a probe asks for it (RFC 6762 6). */
const answerPause = { usual: 1000, probe: 250 } as const;
/** Seconds an asker that is no multicast DNS resolver may keep an answer (RFC 6762 6.7). */
const legacyLifetime = 10;
/** Names that are tried when they are taken, one after the other. */
const maxNames = 100;
/** Bytes of a label. */
const maxLabel = 63;

/**
 * Tells the network of one HTTP service by multicast DNS (RFC 6762, RFC 6763): probes for its name, announces it,
 * answers queries, takes another name when its own is taken, and says goodbye.
 *
 * A host name belongs to whoever answers for it first. A responder of this machine (Avahi, say) keeps it, and only the
 * service is told then; one of another machine makes us take another host name.
 */
export class Responder {
  readonly #options: Advertisement;
  readonly #wire: Wire;
  readonly #lastSent = new Map<string, number>();
  readonly #stopping = new AbortController();
  #records: readonly DnsRecord[] = [];
  #service: Service;
  #ownsHost = false;
  #isClaiming = false;

  constructor(options: Advertisement) {
    this.#options = options;
    const { name, host, port, hostname = machineName() } = options;
    const label = cut(name.replace(/\./g, '-'), '');
    this.#service = { name: label, host: `${hostname}.local`, port, addresses: [], text: ['path=/'] };
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when a server is told of at all
    const open = require('multicast-dns') as (options: object) => Wire;
    const place = interfaceOf(host);
    this.#wire = open({
      bind: '0.0.0.0',
      port: options.dnsPort ?? 5353,
      ...(place !== undefined && { interface: place }),
    });
    this.#wire.on('error', (error: Error) => options.onNotice(error.message));
    this.#wire.on('query', (packet: DnsPacket, from: { address: string; port: number }) => this.#answer(packet, from));
    this.#wire.on('response', (packet: DnsPacket) => this.#hear(packet));
    // Addresses have changed: what is told of them is told anew.
    this.#wire.on('networkInterface', () => {
      if (this.#records.length > 0) this.#announce();
    });
  }

  /** The name the service has now; another than was asked for when that was taken. */
  get name(): string {
    return this.#service.name;
  }

  /** `pi.local` */
  get host(): string {
    return this.#service.host;
  }

  /** Probes and announces. Resolves when the network knows, or when it was stopped meanwhile. */
  async start(): Promise<void> {
    try {
      await this.#claimHost();
      await this.#claimName();
      this.#announce();
      void this.#later(announcePause, () => this.#announce());
    } catch {
      // Stopped while it waited.
    }
  }

  /** Says goodbye and closes the socket. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const records = this.#records.map((record) => ({ ...record, ttl: 0 }));
    this.#records = [];
    await new Promise<void>((done) => {
      // Other services of this kind may live on this machine: only ours are gone.
      const gone = records.filter(({ name }) => !name.startsWith('_services.'));
      if (gone.length > 0) this.#wire.respond({ answers: gone }, null, done);
      else done();
    });
    await new Promise<void>((done) => this.#wire.destroy(done));
  }

  async #claimHost(): Promise<void> {
    const [label = ''] = this.#service.host.split('.');
    for (let count = 1; count <= maxNames; count += 1) {
      const host = `${label}${count === 1 ? '' : `-${count}`}.local`;
      const addresses = reachableAddresses(this.#options.host);
      const others = await this.#probe(host, addressRecords({ host, addresses }), ({ type }) => /^A/.test(type));
      const isOurs = others.some(({ data }) => isOwnAddress(data));
      if (others.length > 0 && !isOurs) continue;
      this.#ownsHost = !isOurs;
      this.#service = { ...this.#service, host, addresses: isOurs ? [] : addresses };
      return;
    }
  }

  async #claimName(): Promise<void> {
    const wanted = this.#service.name;
    for (let count = 1; count <= maxNames; count += 1) {
      const suffix = count === 1 ? '' : ` (${count})`;
      const service = { ...this.#service, name: cut(wanted, suffix) };
      const records = recordsOf(service).filter(({ name }) => isSameName(name, serviceName(service.name)));
      if ((await this.#probe(serviceName(service.name), records, () => true)).length > 0) continue;
      this.#service = service;
      if (count > 1)
        this.#options.onNotice(`The name "${wanted}" is taken on this network: advertised as "${service.name}".`);
      return;
    }
  }

  /** Asks three times who has a name. @returns the records of who has it, [] when it is free */
  async #probe(
    name: string,
    proposed: readonly DnsRecord[],
    isClaim: (record: DnsRecord) => boolean,
  ): Promise<DnsRecord[]> {
    const claims: DnsRecord[] = [];
    const race = { isLost: false };
    const onResponse = ({ answers, additionals }: DnsPacket): void => {
      for (const record of [...answers, ...additionals])
        if (isSameName(record.name, name) && record.ttl !== 0 && isClaim(record)) claims.push(record);
    };
    // Who probes for the same name at the same time, and would have it, goes first (RFC 6762 8.2).
    const onQuery = ({ authorities }: DnsPacket): void => {
      const [ours] = proposed.map(targetOf).filter((target) => target !== undefined);
      for (const record of authorities) {
        const theirs = isSameName(record.name, name) ? targetOf(record) : undefined;
        if (ours !== undefined && theirs !== undefined && theirs > ours) race.isLost = true;
      }
    };
    this.#wire.on('response', onResponse).on('query', onQuery);
    try {
      await this.#pause(Math.random() * probing.pause);
      for (let time = 0; time < probing.times && claims.length === 0; time += 1) {
        this.#wire.query({ questions: [{ name, type: 'ANY' }], authorities: proposed });
        await this.#pause(probing.pause);
        if (!race.isLost) continue;
        race.isLost = false;
        time = -1;
        await this.#pause(announcePause);
      }
    } finally {
      this.#wire.off('response', onResponse).off('query', onQuery);
    }
    return claims;
  }

  #announce(): void {
    if (this.#ownsHost) this.#service = { ...this.#service, addresses: reachableAddresses(this.#options.host) };
    this.#records = recordsOf(this.#service);
    this.#wire.respond({ answers: this.#records });
  }

  #answer(packet: DnsPacket, from: { address: string; port: number }): void {
    if (this.#isClaiming) return;
    const found = answersTo(packet, this.#records);
    if (found.length === 0) return;
    const additionals = found.some(({ type }) => type === 'PTR')
      ? this.#records.filter((record) => !found.includes(record) && record.type !== 'PTR')
      : this.#records.filter((record) => !found.includes(record) && /^A/.test(record.type));
    if (from.port !== (this.#options.dnsPort ?? 5353)) {
      if (!isNear(from.address)) return;
      const plain = (records: readonly DnsRecord[]): DnsRecord[] =>
        records.map((record) => ({ ...record, ttl: legacyLifetime, flush: false }));
      const { id = 0, questions } = packet;
      this.#wire.respond({ id, questions, answers: plain(found), additionals: plain(additionals) }, from);
      return;
    }
    const pause = packet.authorities.length > 0 ? answerPause.probe : answerPause.usual;
    const answers = found.filter((record) => this.#isDue(record, pause));
    if (answers.length > 0) this.#wire.respond({ answers, additionals });
  }

  #isDue(record: DnsRecord, pause: number): boolean {
    const key = `${record.type} ${record.name} ${JSON.stringify(record.data)}`;
    const now = performance.now();
    if (now - (this.#lastSent.get(key) ?? -Infinity) < pause) return false;
    this.#lastSent.set(key, now);
    return true;
  }

  /** What others say: somebody uses our name, or the owner of our host name leaves. */
  #hear({ answers }: DnsPacket): void {
    if (this.#records.length === 0) return;
    const own = serviceName(this.#service.name);
    const ours = this.#records.map(targetOf).find((target) => target !== undefined);
    const conflict = answers.some(
      (record) =>
        isSameName(record.name, own) && record.ttl !== 0 && record.type === 'SRV' && targetOf(record) !== ours,
    );
    const isOrphan =
      !this.#ownsHost &&
      answers.some(({ name, type, ttl }) => isSameName(name, this.#service.host) && /^A/.test(type) && ttl === 0);
    if (conflict) {
      // From here on the name is not ours, not even to say goodbye to.
      this.#records = [];
      this.#again(() => this.#claimName());
    } else if (isOrphan) this.#again(() => this.#claimHost());
  }

  /** Claims anew and announces that; nothing is answered meanwhile. */
  #again(claim: () => Promise<void>): void {
    if (this.#isClaiming) return;
    this.#isClaiming = true;
    const end = (): void => {
      this.#isClaiming = false;
    };
    claim()
      .then(() => this.#announce())
      .then(end, end);
  }

  async #later(milliseconds: number, act: () => void): Promise<void> {
    await this.#pause(milliseconds).then(act, () => undefined);
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
