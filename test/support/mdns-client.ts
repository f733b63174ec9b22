import dgram from 'node:dgram';
import { SocketAddress } from 'node:net';
import { eventually } from './test-server.js';

/** A record as it came: data of PTR, SRV, TXT, A and AAAA as text, of others as hex. */
export interface MdnsRecord {
  readonly name: string;
  readonly type: number;
  readonly ttl: number;
  readonly flush: boolean;
  readonly data: string;
}

/** A message with its records of all sections. */
export interface MdnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly records: readonly MdnsRecord[];
}

export const types = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NSEC: 47, ANY: 255 } as const;

const groups = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;

/**
 * A resolver of multicast DNS of our own, written from RFC 1035 and 6762 alone: it shares no code with the responder it
 * is used against. On 127.0.0.1 only, or by a socket of the test's own.
 */
export class MdnsClient {
  readonly port: number;
  readonly heard: MdnsMessage[] = [];
  readonly #socket: dgram.Socket;

  readonly #group: string;

  private constructor(socket: dgram.Socket, port: number, group: string = groups.IPv4) {
    this.#socket = socket;
    this.port = port;
    this.#group = group;
    socket.on('message', (bytes) => {
      try {
        this.heard.push(decode(bytes));
      } catch (error) {
        // What a test has sent to break the responder comes back here, too.
        if (!(error instanceof RangeError)) throw error;
      }
    });
  }

  /** @param port 0 takes a free one for the whole test; `multicast: false` asks as an ordinary resolver does */
  static async open(port = 0, { multicast = true } = {}): Promise<MdnsClient> {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: multicast });
    await new Promise<void>((done) => socket.bind(multicast ? port : 0, multicast ? '0.0.0.0' : '127.0.0.1', done));
    if (multicast) {
      socket.addMembership('224.0.0.251', '127.0.0.1');
      socket.setMulticastInterface('127.0.0.1');
      socket.setMulticastLoopback(true);
    } else socket.setMulticastInterface('127.0.0.1');
    return new MdnsClient(socket, multicast ? socket.address().port : port);
  }

  /** By a socket that is not bound yet, on one interface. */
  static async over(socket: dgram.Socket, family: 'IPv4' | 'IPv6', way: string, port: number): Promise<MdnsClient> {
    await new Promise<void>((done) => socket.bind(port, undefined, done));
    socket.addMembership(groups[family], way);
    socket.setMulticastInterface(way);
    return new MdnsClient(socket, port, groups[family]);
  }

  /** Asks everybody. */
  query(name: string, type: number, id = 0): void {
    this.send(Buffer.concat([header(id, 0, 1, 0), encodeName(name), words(type, 1)]));
  }

  /** Asks for a kind of service, with what is known already: `goesOn` says that more of that follows. */
  browse(kind: string, { known = [] as string[], goesOn = false } = {}): void {
    this.send(
      Buffer.concat([
        header(0, goesOn ? 0x0200 : 0, 1, known.length),
        encodeName(kind),
        words(types.PTR, 1),
        ...known.map((name) => pointer(kind, name)),
      ]),
    );
  }

  /** The rest of what is known. */
  goOn(kind: string, known: string[]): void {
    this.send(Buffer.concat([header(0, 0, 0, known.length), ...known.map((name) => pointer(kind, name))]));
  }

  /** Says an IPv4 address of a host. */
  claimHost(name: string, address: string): void {
    const record = Buffer.concat([
      encodeName(name),
      words(types.A, 0x8001, 0, 120, 4),
      Buffer.from(address.split('.').map(Number)),
    ]);
    this.send(Buffer.concat([header(0, 0x8400, 0, 1), record]));
  }

  /** Says a record of a service, as if it were ours. */
  claim(name: string, port: number, target: string): void {
    const data = Buffer.concat([words(0, 0, port), encodeName(target)]);
    const record = Buffer.concat([encodeName(name), words(types.SRV, 0x8001, 0, 120, data.length), data]);
    this.send(Buffer.concat([header(0, 0x8400, 0, 1), record]));
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes, 0, bytes.length, this.port, this.#group);
  }

  /** The first record that was heard and fits; waits for it. */
  async record(what: string, fits: (record: MdnsRecord) => boolean): Promise<MdnsRecord> {
    const find = (): MdnsRecord | undefined =>
      this.heard
        .filter(({ isResponse }) => isResponse)
        .flatMap(({ records }) => records)
        .find(fits);
    await eventually(what, () => find() !== undefined, 15_000);
    return find()!;
  }

  /** Asks until a record comes that fits. */
  async resolve(name: string, type: number): Promise<MdnsRecord> {
    this.heard.length = 0;
    this.query(name, type);
    const timer = setInterval(() => this.query(name, type), 300);
    try {
      return await this.record(`${type} of ${name}`, (one) => one.name === name && one.type === type && one.ttl > 0);
    } finally {
      clearInterval(timer);
    }
  }

  close(): Promise<void> {
    return new Promise((done) => this.#socket.close(() => done()));
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

function header(id: number, flags: number, questions: number, answers: number): Buffer {
  return words(id, flags, questions, answers, 0, 0);
}

function pointer(kind: string, name: string): Buffer {
  const data = encodeName(name);
  return Buffer.concat([encodeName(kind), words(types.PTR, 1, 0, 4500, data.length), data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => {
    const bytes = Buffer.from(label);
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function readName(bytes: Buffer, start: number): [name: string, end: number] {
  const labels: string[] = [];
  let at = start;
  let end = -1;
  for (let jumps = 0; jumps < 20;) {
    const length = bytes[at] ?? 0;
    if (length >= 0xc0) {
      if (end < 0) end = at + 2;
      at = bytes.readUInt16BE(at) & 0x3fff;
      jumps += 1;
      continue;
    }
    if (length === 0) return [labels.join('.'), end < 0 ? at + 1 : end];
    labels.push(bytes.toString('utf8', at + 1, at + 1 + length));
    at += length + 1;
  }
  throw new Error('A name that does not end');
}

function decode(bytes: Buffer): MdnsMessage {
  let at = 12;
  for (let left = bytes.readUInt16BE(4); left > 0; left -= 1) at = readName(bytes, at)[1] + 4;
  const records: MdnsRecord[] = [];
  const count = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
  for (let left = count; left > 0; left -= 1) {
    const [name, end] = readName(bytes, at);
    const type = bytes.readUInt16BE(end);
    const length = bytes.readUInt16BE(end + 8);
    const from = end + 10;
    records.push({
      name,
      type,
      flush: (bytes.readUInt16BE(end + 2) & 0x8000) !== 0,
      ttl: bytes.readUInt32BE(end + 4),
      data: dataOf(bytes, type, from, length),
    });
    at = from + length;
  }
  return { id: bytes.readUInt16BE(0), isResponse: (bytes.readUInt16BE(2) & 0x8000) !== 0, records };
}

function dataOf(bytes: Buffer, type: number, from: number, length: number): string {
  const data = bytes.subarray(from, from + length);
  switch (type) {
    case types.PTR:
      return readName(bytes, from)[0];
    case types.SRV:
      return `${bytes.readUInt16BE(from + 4)} ${readName(bytes, from + 6)[0]}`;
    case types.A:
      return [...data].join('.');
    case types.TXT:
      return data.toString('utf8', 1);
    case types.AAAA:
      return new SocketAddress({ family: 'ipv6', address: data.toString('hex').match(/.{4}/g)!.join(':') }).address;
    case types.NSEC: {
      const [, end] = readName(bytes, from);
      const bits = bytes.subarray(end + 2, from + length);
      return [...bits.keys()]
        .flatMap((at) => [...Array(8).keys()].filter((bit) => bits[at]! & (0x80 >> bit)).map((bit) => at * 8 + bit))
        .join();
    }
    default:
      return data.toString('hex');
  }
}
