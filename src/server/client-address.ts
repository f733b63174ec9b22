import { BlockList, isIP } from 'node:net';
import { HttpError } from '../errors.js';
import type { Forwarded } from '../exchange/context.js';
import type { IncomingMessage } from '../exchange/request.js';
import { parseForwarded } from '../http/forwarded.js';

/** Decides whether the peer at an address is a proxy whose forwarding headers are believed. */
export type TrustCheck = (address: string) => boolean;

/**
 * A check from addresses, CIDRs and the word "loopback". Empty: nobody is trusted.
 * @throws HttpError INVALID_SETTING naming the entry that is neither
 */
export function parseTrust(entries: readonly string[]): TrustCheck {
  if (entries.length === 0) return () => false;
  const list = new BlockList();
  for (const entry of entries) {
    if (entry === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4');
      list.addAddress('::1', 'ipv6');
      continue;
    }
    const [address = '', prefix] = entry.split('/', 2);
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = Number(prefix);
    const valid = prefix === undefined || (/^\d+$/.test(prefix) && bits <= (family === 'ipv6' ? 128 : 32));
    if (!isIP(address) || !valid)
      throw new HttpError('INVALID_SETTING', {
        message: `trustProxy: "${entry}" is no address, no CIDR and not "loopback".`,
      });
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/**
 * Who asks and how, seen through trusted proxies (undefined: there are none): `X-Forwarded-For/Proto/Host/Prefix`, else `Forwarded` (RFC 7239).
 *
 * **Security:** the headers count only when the peer itself is trusted; then the rightmost address that no trusted
 * proxy owns is the client, so a client cannot put an address of its choice in front. Most proxies set the X- headers
 * and hand on a `Forwarded` that the client sent: it counts only where there is no `X-Forwarded-For`.
 */
export function forwardedOf(request: IncomingMessage, trusts: TrustCheck | undefined): Forwarded {
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  const encrypted = (request.socket as { encrypted?: boolean }).encrypted === true;
  const direct: Forwarded = {
    ip: peer,
    ips: [],
    protocol: encrypted ? 'https' : 'http',
    host: request.headers.host ?? '',
    prefix: '',
  };
  if (!trusts?.(peer)) return direct;
  const hops = forwardedHops(request);
  const chain = [...hops.map((hop) => hop.for), peer];
  let index = chain.length - 1;
  while (index > 0 && trusts(chain[index] ?? '')) index -= 1;
  const claimed = hops[Math.min(index, hops.length - 1)];
  return {
    ip: chain[index] || peer,
    ips: chain.slice(index, -1),
    protocol: claimed?.proto === 'https' ? 'https' : claimed?.proto === 'http' ? 'http' : direct.protocol,
    host: claimed?.host ?? direct.host,
    prefix: claimed?.prefix ?? '',
  };
}

interface Hop {
  for: string;
  proto?: string | undefined;
  host?: string | undefined;
  prefix?: string | undefined;
}

function forwardedHops(request: IncomingMessage): Hop[] {
  const standard = request.headers.forwarded;
  if (standard !== undefined && request.headers['x-forwarded-for'] === undefined)
    return parseForwarded(standard).map(({ for: node, proto, host }) => ({
      for: nodeAddress(node ?? ''),
      proto: proto?.toLowerCase(),
      host: safeHost(host),
    }));
  const list = (name: string): string[] =>
    request.headers[name]
      ?.toString()
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean) ?? [];
  const addresses = list('x-forwarded-for').map(nodeAddress);
  const proto = list('x-forwarded-proto');
  const host = list('x-forwarded-host');
  const prefix = list('x-forwarded-prefix');
  const hops: Hop[] = addresses.length > 0 ? addresses.map((address) => ({ for: address })) : [{ for: '' }];
  // The lists are filled from the right: the last entry is what the nearest proxy said.
  return hops.map((hop, index) => {
    const at = (values: string[]): string | undefined =>
      values[values.length - hops.length + index] ?? values[values.length - 1];
    const root = at(prefix);
    return {
      ...hop,
      proto: at(proto)?.toLowerCase(),
      host: safeHost(at(host)),
      prefix: root?.startsWith('/') && !root.startsWith('//') ? root : undefined,
    };
  });
}

function safeHost(host: string | undefined): string | undefined {
  return host !== undefined && /^[\w.\-:[\]]{1,255}$/.test(host) ? host : undefined;
}

/** Address of a node identifier: `192.0.2.1:80`, `[2001:db8::1]:80` (RFC 7239 6), '' for obfuscated ones. */
function nodeAddress(node: string): string {
  const bare = node.startsWith('[') ? node.slice(1, node.indexOf(']')) : isIP(node) ? node : node.replace(/:\d+$/, '');
  const address = plainAddress(bare);
  return isIP(address) ? address : '';
}

/** IPv4 addresses of a dual-stack socket lose their `::ffff:`. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
