import { BlockList } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** All addresses of this machine, the host's own first. */
function ownAddresses(): { address: string; netmask: string; prefix: number; isV4: boolean; isInternal: boolean }[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address, netmask, cidr, family, internal }) => ({
      address,
      netmask,
      prefix: Number(cidr?.split('/')[1] ?? 0),
      isV4: family === 'IPv4',
      isInternal: internal,
    })),
  );
}

/** The addresses at which a server that listens on `host` is reached by others: IPv4 for 0.0.0.0, both for `::`. */
export function reachableAddresses(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::' && host !== '') return [host === 'localhost' ? '127.0.0.1' : host];
  return ownAddresses()
    .filter(({ isV4, isInternal }) => !isInternal && (isV4 || host !== '0.0.0.0'))
    .map(({ address }) => address);
}

/** True for an address of this machine. */
export function isOwnAddress(address: unknown): boolean {
  return ownAddresses().some((one) => one.address === address);
}

/**
 * True for an address on a network of this machine.
 *
 * **Security:** a query from farther away is none of ours: its answer would be larger than itself (RFC 6762 11).
 */
export function isNear(address: string): boolean {
  const near = new BlockList();
  for (const { address: own, prefix, isV4 } of ownAddresses()) near.addSubnet(own, prefix, isV4 ? 'ipv4' : 'ipv6');
  return near.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** The first label of this machine's name, fit for a host name. */
export function machineName(): string {
  return (hostname().split('.')[0] ?? '').replace(/[^\w-]+/g, '-') || 'node';
}
