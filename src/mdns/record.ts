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

/** The records of the host. */
export function addressRecords({ host, addresses }: Pick<Service, 'host' | 'addresses'>): DnsRecord[] {
  return addresses.map((data) => ({
    name: host,
    type: data.includes(':') ? 'AAAA' : 'A',
    ttl: lifetimes.host,
    flush: true,
    data,
  }));
}

/** Everything that is told of a service (RFC 6763 4 and 6, RFC 6762 10.2). */
export function recordsOf(service: Service): DnsRecord[] {
  const name = serviceName(service.name);
  return [
    { name: serviceType, type: 'PTR', ttl: lifetimes.other, data: name },
    { name, type: 'SRV', ttl: lifetimes.host, flush: true, data: { port: service.port, target: service.host } },
    { name, type: 'TXT', ttl: lifetimes.other, flush: true, data: service.text },
    { name: allTypes, type: 'PTR', ttl: lifetimes.other, data: serviceType },
    ...addressRecords(service),
  ];
}

/** The same name, as DNS compares them. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The records a packet asks for, without those the asker knows already (RFC 6762 7.1). */
export function answersTo({ questions, answers: known }: DnsPacket, records: readonly DnsRecord[]): DnsRecord[] {
  return records.filter(
    (record) =>
      questions.some(({ name, type }) => isSameName(name, record.name) && (type === record.type || type === 'ANY')) &&
      !known.some(
        (one) =>
          one.type === record.type &&
          isSameName(one.name, record.name) &&
          one.data === record.data &&
          (one.ttl ?? 0) * 2 >= (record.ttl ?? 0),
      ),
  );
}

/** Where a SRV record leads to, as text; undefined for any other record. */
export function targetOf({ type, data }: DnsRecord): string | undefined {
  if (type !== 'SRV') return undefined;
  const { port, target } = data as { port: number; target: string };
  return `${String(port).padStart(5, '0')} ${target.toLowerCase()}`;
}
