/** Readers of methods, header rows, media types and file extensions. */
import { SettingError, choice, flag, integer, isRecord, list, rows, someText, text } from './settings.js';
import type { Reader } from './settings.js';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A token (RFC 9110 section 5.6.2), such as the name of a subprotocol. */
export const token: Reader<string> = (value) => {
  const read = text(value);
  if (!TOKEN.test(read)) throw new SettingError('token', { value: read });
  return read;
};

/** A method (RFC 9110 section 9.1), in upper case. "WEBSOCKET" stands for WebSocket upgrades. */
export const method: Reader<string> = (value) => {
  const read = text(value);
  if (!TOKEN.test(read)) throw new SettingError('method', { value: read });
  return read.toUpperCase();
};

/** A list of methods, each once. */
export const methods: Reader<readonly string[]> = (value) => [...new Set(list(method)(value))];

/** A header name (RFC 9110 section 5.1), as written. */
export const headerName: Reader<string> = (value) => {
  const read = text(value);
  if (!TOKEN.test(read)) throw new SettingError('headerName', { value: read });
  return read;
};

/** A header value (RFC 9110 section 5.5): no control characters, nothing beyond Latin-1. */
export const headerValue: Reader<string> = (value) => {
  const read = text(value);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(read)) throw new SettingError('headerValue');
  return read;
};

/** Header rows `[{name, value}]`; a name may come more than once. */
export const headers = rows({ name: headerName, value: headerValue });

/** One header row. */
export type HeaderRow = ReturnType<typeof headers>[number];

/** Text that a header carries, such as a realm, or "". */
export const headerText: Reader<string> = (value) => headerValue(value);

/** Names of scopes with blanks between (RFC 6749 section 3.3): visible ASCII but quotes and backslashes. "" is none. */
export const scopes: Reader<readonly string[]> = (value) => {
  const names = text(value).split(/ +/).filter(Boolean);
  const bad = names.find((name) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name));
  if (bad !== undefined) throw new SettingError('scope', { value: bad });
  return names;
};

/** A file extension with its dot, in lower case. */
export const extension: Reader<string> = (value) => {
  const read = text(value).toLowerCase();
  if (!/^\.[^./\\\s]+$/.test(read)) throw new SettingError('extension', { value: read });
  return read;
};

/** A media type (RFC 9110 section 8.3.1), parameters allowed. */
export const mediaType: Reader<string> = (value) => {
  const read = someText(value);
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(\s*;[\t\x20-\x7e]*)?$/.test(read)) {
    throw new SettingError('mediaType', { value: read });
  }
  return read;
};

/** A path of the machine or a part of an address: text without control characters. */
export const printable: Reader<string> = (value) => {
  const read = text(value);
  if (/[\x00-\x1f\x7f]/.test(read)) throw new SettingError('control');
  return read;
};

/** A status code, 200 to 599. */
export const status: Reader<number> = integer(200, 599);

/** How a client that comes when `maxClients` are there is treated. */
export const onFull = choice('reject', 'replace');

/** Cookies in the shape of `msg.cookies`; text is read as JSON, "" is none. What a cookie may hold is checked when it is sent. */
export const cookies: Reader<Readonly<Record<string, unknown>>> = (value) => {
  if (value === '') return {};
  let read: unknown = value;
  if (typeof value === 'string') {
    const json = text(value);
    try {
      read = JSON.parse(json);
    } catch (error) {
      throw new SettingError('json', { message: error instanceof Error ? error.message : '' });
    }
  }
  if (!isRecord(read)) throw new SettingError('cookies');
  for (const [name, cookie] of Object.entries(read)) {
    if (!TOKEN.test(name)) throw new SettingError('cookie', { name });
    const plain = cookie === null || ['string', 'number', 'boolean'].includes(typeof cookie);
    if (!plain && !(isRecord(cookie) && 'value' in cookie)) throw new SettingError('cookie', { name });
  }
  return read;
};

/** The `cors` object of a server; what is missing has its default. */
export function corsOf(origin: Reader<string>): Reader<Cors> {
  return (value) => {
    if (value === '') return corsOf(origin)({});
    if (!isRecord(value)) throw new SettingError('row');
    return {
      origins: list(origin)(value['origins'] ?? []),
      credentials: flag(value['credentials'] ?? false),
      methods: methods(value['methods'] ?? []),
      allowHeaders: list(headerName)(value['allowHeaders'] ?? []),
      exposeHeaders: list(headerName)(value['exposeHeaders'] ?? []),
      maxAge: integer(0)(value['maxAge'] ?? 600),
    };
  };
}

/** Cross-origin rules of a server. `origins` [] is off; `methods` and `allowHeaders` [] have the engine's meaning. */
export interface Cors {
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  /** Seconds a browser may keep a preflight. */
  readonly maxAge: number;
}

/** Header rows by name: a name that comes more than once, in whatever case, is one field with several lines. */
export function groupHeaders(rows: readonly HeaderRow[]): [name: string, value: string | string[]][] {
  const fields = new Map<string, [name: string, values: string[]]>();
  for (const { name, value } of rows) {
    const known = fields.get(name.toLowerCase());
    if (known) known[1].push(value);
    else fields.set(name.toLowerCase(), [name, [value]]);
  }
  return [...fields.values()].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]);
}
