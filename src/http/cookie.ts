import { HttpError } from '../errors.js';
import { isToken } from './header.js';
import { isSafeName } from './query.js';

/** Attributes of a cookie, in Express's words. */
export interface CookieOptions {
  /** Default "/". */
  path?: string;
  domain?: string;
  /** Milliseconds. */
  maxAge?: number;
  expires?: Date | string | number;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: boolean | 'strict' | 'lax' | 'none' | 'Strict' | 'Lax' | 'None';
  priority?: 'low' | 'medium' | 'high' | 'Low' | 'Medium' | 'High';
  partitioned?: boolean;
  /** How the value is written; percent-encoding by default. */
  encode?: (value: string) => string;
}

/** Bytes of one Set-Cookie line that browsers take at most (RFC 6265 6.1). */
export const maxCookieSize = 4096;

/**
 * Cookies of a request by name: values unquoted and percent-decoded, the last duplicate wins, malformed parts and
 * unsafe names are skipped (RFC 6265 5.4, API row RQ12).
 */
export function parseCookies(header: string | undefined): Record<string, string> {
  const out: Record<string, string> = {};
  if (!header) return out;
  for (const part of header.split(';')) {
    const mark = part.indexOf('=');
    if (mark < 0) continue;
    const name = part.slice(0, mark).trim();
    if (!isToken(name) || !isSafeName(name)) continue;
    let value = part.slice(mark + 1).trim();
    if (value.length >= 2 && value.startsWith('"') && value.endsWith('"')) value = value.slice(1, -1);
    out[name] = decode(value);
  }
  return out;
}

/**
 * A Set-Cookie line (RFC 6265 4.1).
 * @throws HttpError INVALID_COOKIE: bad name or attribute, over 4096 bytes, a broken `__Host-` or `__Secure-` rule
 */
export function encodeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!isToken(name)) throw invalid(name, 'the name is not a token');
  const text = (options.encode ?? encodeURIComponent)(value);
  if (
    !/^[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]*$|^"[\u0021\u0023-\u002b\u002d-\u003a\u003c-\u005b\u005d-\u007e]*"$/.test(
      text,
    )
  )
    throw invalid(name, 'the encoded value contains a character that a cookie cannot carry');
  const path = options.path ?? '/';
  const parts = [`${name}=${text}`, `Path=${attribute(name, 'path', path)}`];
  if (options.domain !== undefined) parts.push(`Domain=${attribute(name, 'domain', options.domain)}`);
  if (options.maxAge !== undefined) {
    if (!Number.isFinite(Number(options.maxAge))) throw invalid(name, 'maxAge must be a number of milliseconds');
    parts.push(`Max-Age=${Math.floor(Number(options.maxAge) / 1000)}`);
  }
  const expires = options.expires ?? (options.maxAge === undefined ? undefined : Date.now() + Number(options.maxAge));
  if (expires !== undefined) {
    const date = new Date(expires);
    if (Number.isNaN(date.getTime())) throw invalid(name, 'expires is not a date');
    parts.push(`Expires=${date.toUTCString()}`);
  }
  if (options.httpOnly) parts.push('HttpOnly');
  if (options.secure) parts.push('Secure');
  if (options.partitioned) parts.push('Partitioned');
  if (options.priority !== undefined)
    parts.push(`Priority=${word(name, 'priority', options.priority, ['Low', 'Medium', 'High'])}`);
  if (options.sameSite !== undefined && options.sameSite !== false)
    parts.push(
      `SameSite=${options.sameSite === true ? 'Strict' : word(name, 'sameSite', options.sameSite, ['Strict', 'Lax', 'None'])}`,
    );
  checkPrefix(name, path, options);
  const line = parts.join('; ');
  if (Buffer.byteLength(line) > maxCookieSize) throw invalid(name, `it is longer than ${maxCookieSize} bytes`);
  return line;
}

/** The Set-Cookie line that deletes a cookie; path and domain must be those it was set with. */
export function clearCookie(name: string, options: CookieOptions = {}): string {
  const { maxAge: _, ...rest } = options;
  return encodeCookie(name, '', { ...rest, expires: 1 });
}

function checkPrefix(name: string, path: string, { secure, domain }: CookieOptions): void {
  if (name.startsWith('__Secure-') && !secure) throw invalid(name, 'a __Secure- cookie needs secure');
  if (name.startsWith('__Host-') && (!secure || path !== '/' || domain !== undefined))
    throw invalid(name, 'a __Host- cookie needs secure, the path / and no domain');
}

function attribute(name: string, attributeName: string, value: unknown): string {
  if (typeof value === 'string' && /^[\u0020-\u003a\u003c-\u007e]*$/.test(value)) return value;
  throw invalid(name, `the ${attributeName} is not valid`);
}

function word(name: string, attributeName: string, value: string, words: readonly string[]): string {
  const found = words.find((one) => one.toLowerCase() === String(value).toLowerCase());
  if (found === undefined) throw invalid(name, `${attributeName} must be one of ${words.join(', ')}`);
  return found;
}

function invalid(name: string, reason: string): HttpError {
  return new HttpError('INVALID_COOKIE', {
    message: `The cookie ${JSON.stringify(String(name).slice(0, 60))} cannot be set: ${reason}.`,
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
