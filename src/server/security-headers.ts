import type { HeaderField } from '../exchange/context.js';
import type { ServerSettings } from './settings.js';

/** What `securityHeaders` adds to every response that does not set it itself: helmet's set without a CSP. */
const securityHeaders: readonly HeaderField[] = [
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Origin-Agent-Cluster', '?1'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-DNS-Prefetch-Control', 'off'],
  ['X-Download-Options', 'noopen'],
  ['X-Frame-Options', 'SAMEORIGIN'],
  ['X-Permitted-Cross-Domain-Policies', 'none'],
  ['X-XSS-Protection', '0'],
];

/** What comes on top with TLS: half a year without plain HTTP (RFC 6797 7.2 forbids it over plain HTTP). */
const overTls: readonly HeaderField[] = [['Strict-Transport-Security', 'max-age=15552000']];

/** The default headers of a server and the set, without those that are named already. */
export function withSecurityHeaders(headers: ServerSettings['headers'], isSecure: boolean): Iterable<HeaderField> {
  const set = isSecure ? [...securityHeaders, ...overTls] : securityHeaders;
  const whole = (): HeaderField[] => {
    const own = [...headers];
    const names = new Set(own.map(([name]) => name.toLowerCase()));
    return [...own, ...set.filter(([name]) => !names.has(name.toLowerCase()))];
  };
  // What is no list may change while the server runs.
  return Array.isArray(headers) ? whole() : { [Symbol.iterator]: () => whole()[Symbol.iterator]() };
}
