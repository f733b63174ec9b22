/** Readers of host names, addresses, networks and origins. Pure: `node:net` is not at hand in the editor. */
import { SettingError, text } from './settings.js';
import type { Reader } from './settings.js';

/** True for a dotted IPv4 address without leading zeros (RFC 3986 section 3.2.2, dec-octet). */
export function isIPv4(value: string): boolean {
  const parts = value.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** True for an IPv6 address (RFC 4291 section 2.2), an embedded IPv4 address at its end included; no zone, no brackets. */
export function isIPv6(value: string): boolean {
  const halves = value.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') {
      if (halves.length === 1) return false;
      continue;
    }
    const parts = half.split(':');
    for (const [at, part] of parts.entries()) {
      const last = index === halves.length - 1 && at === parts.length - 1;
      if (/^[0-9a-f]{1,4}$/i.test(part)) groups += 1;
      else if (last && isIPv4(part)) groups += 2;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** True for a host name (RFC 1123 section 2.1, underscores let through) that cannot be mistaken for an address. */
export function isHostName(value: string): boolean {
  if (value.length > 253) return false;
  const labels = value.replace(/\.$/, '').split('.');
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels[labels.length - 1] ?? '');
}

/** An address to listen on: IPv4, IPv6 (brackets are taken off, a zone is kept) or a host name. */
export const listenHost: Reader<string> = (value) => {
  const read = text(value);
  const bare = unbracket(read);
  const address = bare.replace(/%[\w.-]+$/, '');
  if (isIPv4(bare) || isIPv6(address) || isHostName(bare)) return bare;
  throw new SettingError('host', { value: read });
};

/** A host name that requests may ask for, in lower case, without brackets and port. */
export const servedHost: Reader<string> = (value) => {
  const read = text(value).toLowerCase();
  const bare = unbracket(read);
  if (isIPv4(bare) || isIPv6(bare) || isHostName(bare)) return bare;
  if (/:\d+$/.test(read)) throw new SettingError('hostPort', { value: read });
  throw new SettingError('host', { value: read });
};

/** A proxy to be trusted: "loopback", an address, or a network in CIDR form. */
export const network: Reader<string> = (value) => {
  const read = text(value).toLowerCase();
  if (read === 'loopback') return read;
  const [address = '', bits, ...rest] = read.split('/');
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
  if (width === 0 || !fits || rest.length > 0) throw new SettingError('network', { value: read });
  return read;
};

/**
 * An origin as a browser sends it (RFC 6454 section 6.2), "null" included, "*", or a regular expression between slashes,
 * kept as text. **Security:** any page can send "null", from a sandboxed frame: the help says so.
 */
export const origin: Reader<string> = (value) => {
  const read = text(value);
  if (read === '*' || read.toLowerCase() === 'null') return read.toLowerCase();
  const expression = /^\/(.+)\/$/.exec(read)?.[1];
  if (expression !== undefined) {
    try {
      new RegExp(expression);
    } catch (error) {
      throw new SettingError('regex', { value: read, message: error instanceof Error ? error.message : '' });
    }
    return read;
  }
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)\/?$/i.exec(read);
  if (match === null) throw new SettingError('origin', { value: read });
  try {
    const url = new URL(read);
    return url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
  } catch {
    throw new SettingError('origin', { value: read });
  }
};

function unbracket(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
