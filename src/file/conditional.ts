import type http from 'node:http';
import { parseHttpDate } from '../http/date.js';

/** What conditions are checked against. */
export interface Validators {
  readonly etag: string;
  /** Milliseconds. */
  readonly lastModified: number;
}

/** What the conditions of a request demand (RFC 9110 13.2.2): to answer, 304, or 412. */
export type Condition = 'proceed' | 'not-modified' | 'failed';

/** Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110 13.2.2. */
export function evaluateConditions(headers: http.IncomingHttpHeaders, { etag, lastModified }: Validators): Condition {
  const modified = Math.floor(lastModified / 1000) * 1000;
  if (headers['if-match'] !== undefined) {
    if (!matches(headers['if-match'], etag, false)) return 'failed';
  } else if (headers['if-unmodified-since'] !== undefined) {
    const since = parseHttpDate(headers['if-unmodified-since']);
    if (since !== undefined && modified > since) return 'failed';
  }
  const cacheControl = headers['cache-control'];
  if (headers['if-none-match'] !== undefined)
    return matches(headers['if-none-match'], etag, true) ? 'not-modified' : 'proceed';
  if (
    headers['if-modified-since'] !== undefined &&
    !(cacheControl && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(cacheControl))
  ) {
    const since = parseHttpDate(headers['if-modified-since']);
    // A date in the future tells nothing, unless it is our own: the clock of a small machine may lag behind its files.
    if (since !== undefined && modified <= since && (since <= Date.now() || since === modified)) return 'not-modified';
  }
  return 'proceed';
}

/** True when a Range header counts: there is no If-Range, or it names what we have (RFC 9110 13.1.5). */
export function isRangeFresh(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  if (ifRange === undefined) return true;
  // A weak tag never matches strongly.
  if (ifRange.includes('"')) return ifRange.trim() === etag && !etag.startsWith('W/');
  return parseHttpDate(ifRange) === Math.floor(lastModified / 1000) * 1000;
}

function matches(list: string, etag: string, weak: boolean): boolean {
  if (list.trim() === '*') return true;
  const wanted = weak ? bare(etag) : etag;
  return list.split(',').some((one) => {
    const candidate = one.trim();
    return weak ? bare(candidate) === wanted : candidate === wanted && !candidate.startsWith('W/');
  });
}

function bare(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}
