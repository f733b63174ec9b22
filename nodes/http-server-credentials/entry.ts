/** Entries of `http-server-credentials`: one way to come in each, from the credential `entries` or from the dialog's rows. */
import { printable, scopes } from '../lib/setting-field.js';
import { SettingError, choice, integer, isRecord, list, refusal, someText, text } from '../lib/settings.js';
import type { Reader, Refusal } from '../lib/settings.js';

/** Where a token is looked for: the Authorization header, a cookie or a query parameter. */
export type TokenSource = 'header' | `cookie:${string}` | `query:${string}`;

/** User name and password; the password plain or hashed (bcrypt, scrypt). */
export interface BasicEntry {
  readonly scheme: 'basic';
  readonly username: string;
  readonly password: string;
}

/** A fixed token, demanded as `Token …` or `Bearer …`. */
export interface TokenEntry {
  readonly scheme: 'token' | 'bearer';
  readonly token: string;
  readonly name: string;
  readonly from: TokenSource;
  /** What it allows. */
  readonly scopes: readonly string[];
}

/** A signed token; exactly one of `secret`, `publicKey` (PEM) and `jwksFile` is set. */
export interface JwtEntry {
  readonly scheme: 'jwt';
  readonly secret?: string;
  readonly publicKey?: string;
  readonly jwksFile?: string;
  readonly issuer: string;
  readonly audience: string;
  /** Seconds. */
  readonly clockTolerance: number;
  /** [] leaves it to the kind of key. */
  readonly algorithms: readonly string[];
  readonly from: TokenSource;
}

/** A password file in htpasswd format. */
export interface HtpasswdEntry {
  readonly scheme: 'htpasswd';
  readonly path: string;
}

/** One way to come in. */
export type CredentialEntry = BasicEntry | TokenEntry | JwtEntry | HtpasswdEntry;

/** The public part of one entry as the dialog saves it; the scheme tells which other fields count. */
export interface ListRow {
  slot: number;
  scheme: 'basic' | 'token' | 'bearer' | 'jwt' | 'htpasswd';
  username?: string;
  name?: string;
  from?: string;
  scope?: string;
  /** Which property of a jwt entry the secret is: a shared secret or a public key; "jwksFile" has no secret. */
  key?: 'secret' | 'publicKey' | 'jwksFile';
  jwksFile?: string;
  issuer?: string;
  audience?: string;
  clockTolerance?: number | string;
  algorithms?: string[];
  path?: string;
}

/** How many entries one node may have: past the dialog's slots, generous for the API. */
export const MAX_ENTRIES = 1000;

/**
 * Reads the credential `entries`: an array or its JSON text; "" and undefined are none. Environment variables have been
 * put in place before: `${NAME}` left over is refused. Secrets never appear in a reason.
 */
export function readEntries(
  entries: unknown,
): { entries: readonly CredentialEntry[]; errors?: undefined } | { errors: readonly Refusal[]; entries?: undefined } {
  try {
    return { entries: parseEntries(entries) };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return { errors: [refusal('entries', error)] };
  }
}

/** As {@link readEntries}; throws {@link SettingError}. */
export function parseEntries(entries: unknown): readonly CredentialEntry[] {
  if (entries === undefined || entries === null || entries === '') return [];
  let read: unknown = entries;
  if (typeof entries === 'string') {
    try {
      read = JSON.parse(entries);
    } catch {
      throw new SettingError('entries');
    }
  }
  if (!Array.isArray(read) || read.length > MAX_ENTRIES) throw new SettingError('entries');
  return list(entry)(read);
}

/**
 * The entries of the dialog's rows with their secrets. A row whose secret is not there (an imported flow carries none) is
 * skipped, by its place in the list; any other flaw is refused.
 */
export function readRows(
  rows: readonly ListRow[],
  secretOf: (slot: number) => unknown,
): { entries: readonly CredentialEntry[]; errors: readonly Refusal[]; skipped: readonly number[] } {
  const entries: CredentialEntry[] = [];
  const errors: Refusal[] = [];
  const skipped: number[] = [];
  for (const [index, row] of rows.entries()) {
    const secret = secretOf(row.slot);
    const needsSecret = row.scheme !== 'htpasswd' && row.key !== 'jwksFile';
    if (needsSecret && (secret === undefined || secret === '')) {
      skipped.push(index + 1);
      continue;
    }
    try {
      entries.push(rowEntry(row, secret));
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      errors.push(refusal('list', new SettingError('item', { number: index + 1, reason: error })));
    }
  }
  return { entries, errors, skipped };
}

/** The entry of a dialog row with its secret. Throws {@link SettingError}. */
export function rowEntry(row: ListRow, secret: unknown): CredentialEntry {
  const { scheme } = row;
  if (scheme === 'basic') return entry({ ...row, password: secret });
  if (scheme === 'token' || scheme === 'bearer') return entry({ ...row, token: secret });
  if (scheme === 'jwt') {
    const key = choice('secret', 'publicKey', 'jwksFile')(row.key ?? 'secret');
    const material = { secret: undefined, publicKey: undefined, jwksFile: undefined };
    return entry({ ...row, ...material, [key]: key === 'jwksFile' ? row.jwksFile : secret });
  }
  return entry(row);
}

const entry: Reader<CredentialEntry> = (value) => {
  if (!isRecord(value)) throw new SettingError('row');
  const scheme = value['scheme'];
  if (scheme === 'basic') {
    const username = field(value, 'username', someText);
    if (username.includes(':')) throw new SettingError('username');
    return { scheme, username, password: field(value, 'password', secretText) };
  }
  if (scheme === 'token' || scheme === 'bearer') {
    return {
      scheme,
      token: field(value, 'token', secretText),
      name: text(value['name'] ?? ''),
      from: source(value['from'] ?? 'header'),
      scopes: scopes(value['scope'] ?? ''),
    };
  }
  if (scheme === 'jwt') return jwtEntry(value);
  if (scheme === 'htpasswd') return { scheme, path: field(value, 'path', printable) };
  throw new SettingError('scheme');
};

/** Algorithms by kind of key: a public key must never verify an HMAC (RFC 8725 section 3.1). */
const SHARED = /^HS(256|384|512)$/;
const PUBLIC = /^((RS|PS|ES)(256|384|512)|ES256K|EdDSA)$/;

function jwtEntry(value: Record<string, unknown>): JwtEntry {
  const given = (['secret', 'publicKey', 'jwksFile'] as const).filter((key) => (value[key] ?? '') !== '');
  const [key] = given;
  if (key === undefined || given.length > 1) throw new SettingError('jwtKey');
  const material = key === 'jwksFile' ? field(value, key, printable) : field(value, key, secretText);
  const known = key === 'secret' ? SHARED : PUBLIC;
  const algorithms = list(text)(value['algorithms'] ?? []);
  const foreign = algorithms.find((algorithm) => !known.test(algorithm));
  if (foreign !== undefined) throw new SettingError('algorithm', { value: foreign });
  return {
    scheme: 'jwt',
    [key]: material,
    issuer: text(value['issuer'] ?? ''),
    audience: text(value['audience'] ?? ''),
    clockTolerance: tolerance(value['clockTolerance'] ?? CLOCK_TOLERANCE),
    algorithms,
    from: source(value['from'] ?? 'header'),
  };
}

/** Seconds clocks may differ: a day is more than any time zone set wrong. */
const CLOCK_TOLERANCE = 30;
const tolerance = integer(0, 86_400);

/** True for a shared secret with fewer than 32 bytes: whoever has a token can guess it (RFC 7518 section 3.2). */
export function isWeakSecret(secret: string): boolean {
  return new TextEncoder().encode(secret).length < 32;
}

/** A secret is taken as it is: blanks count. */
const secretText: Reader<string> = (value) => {
  someText(value);
  return String(value);
};

function field(value: Record<string, unknown>, name: string, read: Reader<string>): string {
  const given = value[name] ?? '';
  if (given === '') throw new SettingError('field', { name });
  return read(given);
}

const source: Reader<TokenSource> = (value) => {
  const read = text(value);
  if (read === 'header' || read === '') return 'header';
  const match = /^(cookie|query):([^\s;,=]+)$/.exec(read);
  if (match === null) throw new SettingError('source', { value: read });
  return read as TokenSource;
};
