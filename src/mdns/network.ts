import { BlockList, isIP, isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** All addresses of this machine. */
function ownAddresses(): { address: string; prefix: number; isV4: boolean; isInternal: boolean }[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address, cidr, family, internal }) => ({
      address,
      prefix: Number(cidr?.split('/')[1] ?? 0),
      isV4: family === 'IPv4',
      isInternal: internal,
    })),
  );
}

/**
 * The address of the one interface a server that listens on `host` may be told of on; undefined: the network's. What
 * only this machine reaches is told to this machine only.
 */
export function interfaceOf(host: string): string | undefined {
  if (host === 'localhost' || host === '::1') return '127.0.0.1';
  return isIPv4(host) && host !== '0.0.0.0' ? host : undefined;
}

/**
 * The addresses at which a server that listens on `host` is reached by others: IPv4 for 0.0.0.0, both for `::` and for
 * a name.
 */
export function reachableAddresses(host: string): string[] {
  if (host === 'localhost') return ['127.0.0.1'];
  if (isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::') return [host];
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
