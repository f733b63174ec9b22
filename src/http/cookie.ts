import { HttpError } from '../errors.js';
import { isToken } from './header.js';
import { isSafeName } from './query.js';

/** Attributes of a cookie, in Express's words. null is the same as left out: saved flows carry it. */
export interface CookieOptions {
  /** Default "/". */
  path?: string | null;
  domain?: string | null;
  /** Milliseconds, a string of digits as well. Decides over `expires`. */
  maxAge?: number | string | null;
  expires?: Date | string | number | null;
  httpOnly?: boolean | null;
  secure?: boolean | null;
  /** true is "strict". */
  sameSite?: boolean | 'strict' | 'lax' | 'none' | 'Strict' | 'Lax' | 'None' | null;
  priority?: 'low' | 'medium' | 'high' | 'Low' | 'Medium' | 'High' | null;
  partitioned?: boolean | null;
  /** How the value is written; percent-encoding by default. */
  encode?: ((value: string) => string) | null;
}

/** Bytes of one Set-Cookie line that browsers take at least and often at most (RFC 6265 6.1). */
export const maxCookieSize = 4096;

// cookie-octet, the whole optionally quoted (RFC 6265 4.1.1)
const cookieValue = /^("?)[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]*\1$/;
// path-value: any character except controls and ";"
const pathValue = /^[\u0020-\u003a\u003c-\u007e]*$/;
const domainValue = /^\.?[\da-z](?:[\da-z-]{0,61}[\da-z])?(?:\.[\da-z](?:[\da-z-]{0,61}[\da-z])?)*$/i;

/**
 * Cookies of a request by name: values unquoted and percent-decoded, the last duplicate wins, malformed parts and
 * unsafe names are skipped (RFC 6265 5.4, API row RQ12). Never throws.
 */
export function parseCookies(header: string | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  if (!header) return out;
  for (const part of header.split(';')) {
    const mark = part.indexOf('=');
    if (mark < 0) continue;
    const name = part.slice(0, mark).trim();
    if (name === '' || !isSafeName(name)) continue;
    let value = part.slice(mark + 1).trim();
    if (value.length >= 2 && value.startsWith('"') && value.endsWith('"')) value = value.slice(1, -1);
    out[name] = decode(value);
  }
  return out;
}

/**
 * A Set-Cookie line (RFC 6265 4.1).
 *
 * **Security:** nothing in name, value or attributes can begin another attribute or header line.
 * @throws HttpError INVALID_COOKIE: bad name or attribute, over 4096 bytes, a broken `__Host-` or `__Secure-` rule
 */
export function encodeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!isToken(name)) throw invalid(name, 'the name is not a token');
  const path = options.path ?? '/';
  const parts = [`${name}=${encodeValue(name, value, options.encode)}`];
  if (!pathValue.test(path)) throw invalid(name, 'the path is not valid');
  parts.push(`Path=${path}`);
  if (options.domain != null && options.domain !== '') {
    if (!domainValue.test(options.domain)) throw invalid(name, 'the domain is not valid');
    parts.push(`Domain=${options.domain}`);
  }
  const maxAge = options.maxAge == null ? undefined : Number(options.maxAge);
  if (maxAge !== undefined) {
    if (!Number.isFinite(maxAge)) throw invalid(name, 'maxAge must be a number of milliseconds');
    parts.push(`Max-Age=${Math.floor(maxAge / 1000)}`);
  }
  const expires = maxAge === undefined ? options.expires : Date.now() + maxAge;
  if (expires != null) {
    const date = new Date(expires);
    if (Number.isNaN(date.getTime())) throw invalid(name, 'expires is not a date');
    parts.push(`Expires=${date.toUTCString()}`);
  }
  if (options.httpOnly) parts.push('HttpOnly');
  if (options.secure) parts.push('Secure');
  if (options.partitioned) parts.push('Partitioned');
  if (options.priority != null)
    parts.push(`Priority=${word(name, 'priority', options.priority, ['Low', 'Medium', 'High'])}`);
  if (options.sameSite === true) parts.push('SameSite=Strict');
  else if (options.sameSite != null && options.sameSite !== false)
    parts.push(`SameSite=${word(name, 'sameSite', options.sameSite, ['Strict', 'Lax', 'None'])}`);
  checkPrefix(name, path, options);
  const line = parts.join('; ');
  if (line.length > maxCookieSize) throw invalid(name, `it is longer than ${maxCookieSize} bytes`);
  return line;
}

/**
 * The Set-Cookie line that deletes a cookie; path and domain must be those it was set with.
 * @throws HttpError INVALID_COOKIE
 */
export function clearCookie(name: string, options: CookieOptions = {}): string {
  return encodeCookie(name, '', { ...options, maxAge: null, expires: 1 });
}

function encodeValue(name: string, value: string, encode: CookieOptions['encode']): string {
  let text: string;
  try {
    text = (encode ?? encodeURIComponent)(value);
  } catch (cause) {
    throw invalid(name, 'the value cannot be encoded', cause);
  }
  if (!cookieValue.test(text)) throw invalid(name, 'the encoded value contains a character that a cookie cannot carry');
  return text;
}

// Browsers compare the prefixes without regard to case (RFC 6265bis 4.1.3).
function checkPrefix(name: string, path: string, { secure, domain }: CookieOptions): void {
  const prefix = /^__(?:secure|host)-/i.exec(name)?.[0].toLowerCase();
  if (prefix === '__secure-' && !secure) throw invalid(name, 'a __Secure- cookie needs secure');
  if (prefix === '__host-' && (!secure || path !== '/' || (domain != null && domain !== '')))
    throw invalid(name, 'a __Host- cookie needs secure, the path / and no domain');
}

function word(name: string, attributeName: string, value: unknown, words: readonly string[]): string {
  const found = words.find((one) => one.toLowerCase() === String(value).toLowerCase());
  if (found === undefined) throw invalid(name, `${attributeName} must be one of ${words.join(', ')}`);
  return found;
}

function invalid(name: string, reason: string, cause?: unknown): HttpError {
  return new HttpError('INVALID_COOKIE', {
    message: `The cookie ${JSON.stringify(name.slice(0, 60))} cannot be set: ${reason}.`,
    cause,
  });
}

function decode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
