import { BlockList, isIP } from 'node:net';
import { type NetworkInterfaceInfo, hostname, networkInterfaces } from 'node:os';

/** The interfaces of this machine with their addresses, as Node gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** An interface by which a server is reached, and what is told there. */
export interface Place {
  /** `eth0` */
  readonly name: string;
  /** What link-local addresses of this interface end in, behind `%`. */
  readonly zone: string;
  /** The address multicast leaves by; undefined: no IPv4 here. */
  readonly ipv4: string | undefined;
  /** Whether multicast is spoken by IPv6 here. */
  readonly ipv6: boolean;
  /** The addresses at which those on this link reach the server. */
  readonly addresses: readonly string[];
  /** The networks of this interface. */
  readonly near: BlockList;
}

/** Interfaces and addresses that are told of, at most: a machine full of containers has hundreds. */
const maxPlaces = 32;
const maxAddresses = 16;

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);
const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';
const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

/** The family as `BlockList` wants it. */
const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/**
 * Where a server that listens on `host` may be told of: the interfaces by which others reach it, each with the addresses
 * that lead to it from there. What only this machine reaches is told to this machine only, by IPv4, as Linux sends no
 * IPv6 multicast to itself.
 */
export function placesOf(host: string, interfaces: Interfaces = networkInterfaces()): Place[] {
  const reachedBy = reaching(host);
  const all = Object.entries(interfaces)
    .map(([name, list = []]) => ({ name, list, reached: reachedBy(name, list).slice(0, maxAddresses) }))
    .filter(({ reached }) => reached.length > 0)
    .slice(0, maxPlaces);
  return all.map(({ name, list, reached }) => {
    const near = networksOf(list);
    // The addresses of another interface count where they are on the same network: a cable and Wi-Fi in one house.
    const others = all
      .filter((one) => one.name !== name)
      .flatMap((one) => one.reached)
      .filter((address) => !isLinkLocal(address) && near.check(address, familyOf(address)));
    const addresses = [...reached, ...others];
    // Programs need a zone with a link-local address, and most give none: told only where there is no other.
    const hasWider = addresses.some((address) => address.includes(':') && !isLinkLocal(address));
    const isInternal = list.some(({ internal }) => internal);
    return {
      name,
      zone: zoneOf(name, list),
      ipv4: list.find(({ family }) => family === 'IPv4')?.address,
      ipv6: !isInternal && list.some(({ family }) => family === 'IPv6'),
      addresses: addresses.filter((address) => !hasWider || !isLinkLocal(address)).slice(0, maxAddresses),
      near,
    };
  });
}

/** Tells at which addresses of an interface a server that listens on `host` is reached by others. */
function reaching(host: string): (name: string, list: readonly NetworkInterfaceInfo[]) => string[] {
  const [address = '', zone] = host.split('%');
  const addressesOf = (list: readonly NetworkInterfaceInfo[]): string[] => list.map((one) => one.address);
  if (isLoopback(host)) {
    const own = isIP(host) === 0 ? '127.0.0.1' : host;
    return (_name, list) => (list.some(({ internal }) => internal) ? [own] : []);
  }
  if (isIP(address) === 0 || isAny(address))
    return (_name, list) =>
      addressesOf(list.filter(({ family, internal }) => !internal && (family === 'IPv4' || address !== '0.0.0.0')));
  const only = new BlockList();
  only.addAddress(address, familyOf(address));
  return (name, list) =>
    addressesOf(list).filter((one) => (zone === undefined || zone === name) && only.check(one, familyOf(one)));
}

function networksOf(list: readonly NetworkInterfaceInfo[]): BlockList {
  const near = new BlockList();
  for (const { address, cidr } of list) near.addSubnet(address, Number(cidr?.split('/')[1] ?? 128), familyOf(address));
  return near;
}

/** Unix names the interface, Windows its number. */
function zoneOf(name: string, list: readonly NetworkInterfaceInfo[]): string {
  if (process.platform !== 'win32') return name;
  return String(list.find((one) => one.family === 'IPv6')?.scopeid ?? name);
}

/**
 * True for an address on the network of an interface.
 *
 * **Security:** a socket hears what comes in by the other interfaces, too, and a query from farther away is none of ours:
 * its answer would be larger than itself (RFC 6762 11).
 */
export function isNear(from: string, { zone, near }: Pick<Place, 'zone' | 'near'>): boolean {
  const [address = '', itsZone] = from.split('%');
  return itsZone === undefined ? near.check(address, familyOf(address)) : itsZone === zone;
}

/** True for an address of this machine. */
export function isOwnAddress(address: unknown, interfaces: Interfaces = networkInterfaces()): boolean {
  if (typeof address !== 'string' || isIP(address) === 0) return false;
  const asked = new BlockList();
  asked.addAddress(address, familyOf(address));
  return Object.values(interfaces).some((list) => list?.some((one) => asked.check(one.address, familyOf(one.address))));
}

/** The first label of this machine's name, fit for a host name. */
export function machineName(): string {
  return (hostname().split('.')[0] ?? '').replace(/[^\w-]+/g, '-') || 'node';
}
