/** A resource record as the wire library has it (RFC 1035 3.2, RFC 6762 10.2). */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds; 0 says goodbye. */
  readonly ttl?: number;
  readonly class?: string;
  /** True: this is the whole set of records of that name and type. */
  readonly flush?: boolean;
  readonly data?: unknown;
}

/** A question for records. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

/** A DNS message. */
export interface DnsPacket {
  readonly id?: number;
  /** More of what the asker knows follows (RFC 6762 7.2). */
  readonly flag_tc?: boolean;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** A service and the host it is found at. */
export interface Service {
  /** Shown to people; no dots, at most 63 bytes. */
  readonly name: string;
  /** `pi.local` */
  readonly host: string;
  readonly port: number;
  /** Addresses the host answers to on our behalf; none when another responder owns the host name. */
  readonly addresses: readonly string[];
  readonly text: readonly string[];
}

/** The kind of service that is told of (RFC 6763 7). */
export const serviceType = '_http._tcp.local';
const allTypes = '_services._dns-sd._udp.local';

/** Seconds a record may be kept: those of a host's address, and the rest (RFC 6762 10). */
const lifetimes = { host: 120, other: 4500 } as const;

/** The whole name of a service. */
export function serviceName(name: string): string {
  return `${name}.${serviceType}`;
}

/** The addresses of the host. */
export function addressRecords({ host, addresses }: Pick<Service, 'host' | 'addresses'>): DnsRecord[] {
  return addresses.map((data) => ({
    name: host,
    type: data.includes(':') ? 'AAAA' : 'A',
    ttl: lifetimes.host,
    flush: true,
    data,
  }));
}

/** The record that leads to host and port. */
export function serviceRecord({ name, host, port }: Pick<Service, 'name' | 'host' | 'port'>): DnsRecord {
  const data = { port, target: host };
  return { name: serviceName(name), type: 'SRV', ttl: lifetimes.host, flush: true, data };
}

/** Everything that is told of a service (RFC 6763 4 and 6, RFC 6762 10.2). */
export function recordsOf(service: Service): DnsRecord[] {
  const name = serviceName(service.name);
  const unique: DnsRecord[] = [
    serviceRecord(service),
    { name, type: 'TXT', ttl: lifetimes.other, flush: true, data: service.text },
    ...addressRecords(service),
  ];
  return [
    { name: serviceType, type: 'PTR', ttl: lifetimes.other, data: name },
    { name: allTypes, type: 'PTR', ttl: lifetimes.other, data: serviceType },
    ...unique,
    ...denials(unique),
  ];
}

/** Say which types a name has, so that nobody waits for another (RFC 6762 6.1). */
function denials(unique: readonly DnsRecord[]): DnsRecord[] {
  return [...new Set(unique.map(({ name }) => name))].map((name) => {
    const types = unique.filter((one) => one.name === name).map(({ type }) => type);
    const data = { nextDomain: name, rrtypes: [...new Set(types)] };
    return { name, type: 'NSEC', ttl: lifetimes.host, flush: true, data };
  });
}

/** The same name, as DNS compares them. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** True for two records that say the same. */
export function isSame(a: DnsRecord, b: DnsRecord): boolean {
  return a.type === b.type && isSameName(a.name, b.name) && dataOf(a).equals(dataOf(b));
}

/** The records a packet asks for, without those the asker knows already (RFC 6762 7.1). */
export function answersTo({ questions, answers: known }: DnsPacket, records: readonly DnsRecord[]): DnsRecord[] {
  return records.filter(
    (record) =>
      questions.some((question) => isAskedFor(record, question)) &&
      !known.some((one) => isSame(one, record) && (one.ttl ?? 0) * 2 >= (record.ttl ?? 0)),
  );
}

function isAskedFor(record: DnsRecord, { name, type }: DnsQuestion): boolean {
  if (!isSameName(name, record.name)) return false;
  if (record.type !== 'NSEC') return type === record.type || type === 'ANY';
  const { rrtypes } = record.data as { rrtypes: string[] };
  return type !== 'ANY' && !rrtypes.includes(type);
}

/** True for records of an address. */
export function isAddress({ type }: DnsRecord): boolean {
  return type === 'A' || type === 'AAAA';
}

const typeNumbers: Readonly<Record<string, number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 };

/**
 * Who of two that probe for a name at the same time has it: below 0, the second. Records are compared in the order of
 * their types and of the bytes of their data (RFC 6762 8.2.1); those of unknown types count for nothing.
 */
export function comparePrecedence(ours: readonly DnsRecord[], theirs: readonly DnsRecord[]): number {
  const [a, b] = [ours, theirs].map((records) =>
    records
      .filter(({ type }) => type in typeNumbers)
      .map((record) => Buffer.concat([Buffer.from([typeNumbers[record.type] ?? 0]), dataOf(record)]))
      .sort((x, y) => x.compare(y)),
  ) as [Buffer[], Buffer[]];
  for (const [index, bytes] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    const order = bytes.compare(other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The data of a record as it is sent, names in lower case and not abbreviated (RFC 1035 3.3 and 3.4, RFC 2782). */
function dataOf({ type, data }: DnsRecord): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(String(data).split('.').map(Number));
    case 'AAAA':
      return ipv6Bytes(String(data));
    case 'PTR':
      return nameBytes(String(data));
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = data as Record<string, number> & { target: string };
      return Buffer.concat([
        Buffer.from(Uint16Array.of(priority, weight, port ?? 0).buffer).swap16(),
        nameBytes(target),
      ]);
    }
    case 'TXT': {
      const parts = [data].flat().map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part))));
      return Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), part]));
    }
    default:
      return Buffer.from(JSON.stringify([data]));
  }
}

function nameBytes(name: string): Buffer {
  const labels = `${name.toLowerCase().replace(/\.$/, '')}.`.split('.').map((label) => Buffer.from(label));
  return Buffer.concat(labels.flatMap((label) => [Buffer.from([label.length]), label]));
}

function ipv6Bytes(text: string): Buffer {
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const gap = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return Buffer.from(
    [...head, ...gap, ...tail].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]),
  );
}
