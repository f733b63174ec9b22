import { isIPv6 } from 'node:net';

/**
 * What stands for a client in counts: an IPv4 address as it is (also when a dual-stack socket wraps it), of an IPv6
 * address the first 64 bits, the least a subscriber owns (RFC 6177 2). Anything else is returned unchanged.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const wrapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (wrapped) return wrapped[1] ?? address;
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::', 2);
  const before = head === '' ? [] : head.split(':');
  // What stands behind the gap reaches into the first four groups only when the gap is short.
  const after = tail ? tail.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':') : [];
  const gap = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...gap, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}
