import type { HeaderField } from '../exchange/context.js';

/** What `securityHeaders` adds to every response that does not set it itself: helmet's set without a CSP. */
export const securityHeaders: readonly HeaderField[] = [
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

/** Headers and, of the set above, those that they do not name. */
export function withSecurityHeaders(headers: readonly HeaderField[]): readonly HeaderField[] {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  return [...headers, ...securityHeaders.filter(([name]) => !own.has(name.toLowerCase()))];
}
