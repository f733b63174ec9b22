import type dgram from 'node:dgram';
import { EventEmitter } from 'node:events';
import type { NetworkInterfaceInfo } from 'node:os';
import type { Platform } from '../../src/mdns/wire.js';

type SocketType = 'udp4' | 'udp6';
type Done = (error?: Error | null) => void;

/** An interface of a machine: the cable it is on, and its addresses with their prefixes. */
interface Port {
  readonly cable: string;
  readonly cidrs: readonly string[];
}

const failure = (code: string): Error => Object.assign(new Error(`${code} of the test`), { code });
const isV6 = (address: string): boolean => address.includes(':');

/** Cables that carry multicast between machines of the test. What is sent comes back to the sender, too. */
export class Ether {
  readonly machines = new Set<Machine>();

  machine(interfaces: Record<string, [cable: string, ...cidrs: string[]]>): Machine {
    const machine = new Machine(this);
    for (const [name, [cable, ...cidrs]] of Object.entries(interfaces)) machine.plug(name, cable, ...cidrs);
    this.machines.add(machine);
    return machine;
  }
}

/** A machine with interfaces that come and go; its sockets behave as those of Linux. */
export class Machine implements Platform {
  readonly sockets = new Set<FakeSocket>();
  /** What binding a socket fails with. */
  readonly refused: Partial<Record<SocketType, string>> = {};
  readonly ether: Ether;
  readonly #ports = new Map<string, Port>();

  constructor(ether: Ether) {
    this.ether = ether;
  }

  /** An interface appears, or has other addresses. */
  plug(name: string, cable: string, ...cidrs: string[]): void {
    this.#ports.set(name, { cable, cidrs });
  }

  /** An interface is gone, and with it what was joined there. */
  unplug(name: string): void {
    this.#ports.delete(name);
    for (const { memberships } of this.sockets) memberships.delete(name);
  }

  interfaces(): Record<string, NetworkInterfaceInfo[]> {
    const list = (cidrs: readonly string[]): NetworkInterfaceInfo[] =>
      cidrs.map((cidr) => {
        const [address = ''] = cidr.split('/');
        const base = { address, netmask: '', mac: '', internal: false, cidr };
        return isV6(address) ? { ...base, family: 'IPv6', scopeid: 0 } : { ...base, family: 'IPv4' };
      });
    return Object.fromEntries([...this.#ports].map(([name, { cidrs }]) => [name, list(cidrs)]));
  }

  createSocket = ((options: { type: SocketType }) =>
    new FakeSocket(this, options.type) as unknown as dgram.Socket) as Platform['createSocket'];

  /** The interface that is named by an address of it, or by `::%` and its name. @throws Error ENODEV */
  portOf(way: string): string {
    const [, zone] = way.split('%');
    const found = [...this.#ports].find(([name, { cidrs }]) =>
      zone === undefined ? cidrs.some((cidr) => cidr.startsWith(`${way}/`)) : name === zone,
    );
    if (!found) throw failure('ENODEV');
    return found[0];
  }

  /** The address a packet has that leaves by an interface; undefined: it does not leave. */
  sourceOf(name: string, type: SocketType): string | undefined {
    return this.#ports
      .get(name)
      ?.cidrs.map((cidr) => cidr.split('/')[0] ?? '')
      .find((address) => isV6(address) === (type === 'udp6'));
  }

  /** The interfaces on the cable of one of a machine's. */
  facing(machine: Machine, name: string): string[] {
    const cable = machine.#ports.get(name)?.cable;
    return [...this.#ports].flatMap(([own, port]) => (port.cable === cable ? [own] : []));
  }
}

/** As Linux does it: every socket of a port hears what any of them has joined, by whichever interface it comes. */
class FakeSocket extends EventEmitter {
  readonly memberships = new Set<string>();
  readonly #machine: Machine;
  readonly #type: SocketType;
  #port = 0;
  #leaving = '';
  /** An open socket keeps the process. */
  #alive: NodeJS.Timeout | undefined;

  constructor(machine: Machine, type: SocketType) {
    super();
    this.#machine = machine;
    this.#type = type;
  }

  bind(port: number, _address: string | undefined, done: () => void): void {
    this.#port = port;
    const code = this.#machine.refused[this.#type];
    setImmediate(() => {
      if (code !== undefined) return void this.emit('error', failure(code));
      this.#machine.sockets.add(this);
      this.#alive = setInterval(() => undefined, 1000);
      this.emit('listening');
      done();
    });
  }

  addMembership(_group: string, way: string): void {
    const name = this.#machine.portOf(way);
    if (this.memberships.has(name)) throw failure('EADDRINUSE');
    this.memberships.add(name);
  }

  setMulticastInterface(way: string): void {
    this.#leaving = this.#machine.portOf(way);
  }

  setMulticastTTL(): void {}
  setTTL(): void {}
  setMulticastLoopback(): void {}

  send(bytes: Buffer, _from: number, _length: number, port: number, _group: string, done?: Done): void {
    const source = this.#machine.sourceOf(this.#leaving, this.#type);
    setImmediate(() => done?.(source === undefined ? failure('ENETUNREACH') : null));
    if (source === undefined) return;
    for (const machine of this.#machine.ether.machines)
      for (const name of machine.facing(this.#machine, this.#leaving)) {
        const sockets = [...machine.sockets].filter((one) => one.#type === this.#type && one.#port === port);
        if (!sockets.some(({ memberships }) => memberships.has(name))) continue;
        const address = source.startsWith('fe80:') ? `${source}%${name}` : source;
        for (const socket of sockets) setImmediate(() => socket.emit('message', bytes, { address, port: this.#port }));
      }
  }

  close(done: () => void): void {
    this.#machine.sockets.delete(this);
    clearInterval(this.#alive);
    setImmediate(done);
  }
}
