import type http from 'node:http';
import { HttpError } from '../errors.js';
import { isHeaderValue, isToken } from '../http/header.js';
import { isReasonPhrase, isStatusCode, reasonPhrase } from '../http/status.js';

/** Headers by name as they were given; an array repeats the line. */
export type HeaderMap = Record<string, string | string[]>;

/** The head of an answer, checked and ready to be written. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderMap;
  /** What was left out of the flow's headers, in words for a warning. */
  readonly dropped: readonly string[];
}

/** Headers that frame the message or steer the connection: never the flow's to set (RFC 9110 7.6.1, RFC 9112 6). */
const framing = new Set([
  'transfer-encoding',
  'upgrade',
  'te',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
  'trailer',
]);

/**
 * Checks status, reason and headers before anything touches the response.
 * @throws HttpError INVALID_STATUS, INVALID_HEADER
 */
export function prepareHead(status: unknown, reason: unknown, headers: unknown): Head {
  const code = parseStatus(status);
  if (reason !== undefined && reason !== null && !(typeof reason === 'string' && isReasonPhrase(reason)))
    throw new HttpError('INVALID_STATUS', {
      message: 'The reason phrase (msg.statusText) must be text without line breaks.',
    });
  const dropped: string[] = [];
  return {
    status: code,
    reason: (reason as string | undefined) ?? reasonPhrase(code),
    headers: readHeaders(headers, dropped),
    dropped,
  };
}

/**
 * A final status code, 200 to 599, as number or text.
 * @throws HttpError INVALID_STATUS
 */
export function parseStatus(status: unknown): number {
  const code = typeof status === 'string' && /^\d{3}$/.test(status.trim()) ? Number(status) : status;
  if (typeof code === 'number' && isStatusCode(code) && code >= 200) return code;
  throw new HttpError('INVALID_STATUS', {
    message: `The status code must be a whole number from 200 to 599, not ${shown(status)}.`,
  });
}

/** Sets a checked head on a response; several values become several lines. */
export function applyHead(response: http.ServerResponse, head: Head): void {
  response.statusCode = head.status;
  response.statusMessage = head.reason;
  for (const name in head.headers) {
    const value = head.headers[name];
    if (value === undefined) continue;
    if (name.toLowerCase() === 'set-cookie') appendCookies(response, value);
    else response.setHeader(name, value);
  }
}

/**
 * Sends a whole answer in one write. Content-Length is computed here, except that a HEAD without payload keeps the
 * flow's own figure; 204 and 304 carry neither body nor length (RFC 9110 8.6, 15.3.5, 15.4.5). The head is handed over
 * as a whole: Node would look at each header twice.
 */
export function sendWhole(response: http.ServerResponse, head: Head, body: string | Buffer | undefined): void {
  const { status, reason, headers } = head;
  const isBodiless = status === 204 || status === 304;
  const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const isHead = response.req.method === 'HEAD';
  const announced = headerOf(headers, 'content-length') ?? response.getHeader('Content-Length');
  if (isBodiless || !(isHead && length === 0 && isLength(announced))) {
    removeHeader(headers, 'content-length');
    if (isBodiless) response.removeHeader('Content-Length');
    else headers['Content-Length'] = String(length);
  }
  if (status === 204) {
    removeHeader(headers, 'content-type');
    response.removeHeader('Content-Type');
  }
  if (response.hasHeader('Set-Cookie')) {
    appendCookies(response, headerOf(headers, 'set-cookie') ?? []);
    removeHeader(headers, 'set-cookie');
  }
  // A 426 says "Connection: Upgrade", and the connection goes on.
  if (String(headerOf(headers, 'connection')).toLowerCase() === 'close') response.shouldKeepAlive = false;
  response.writeHead(status, reason || undefined, headers);
  if (body === undefined || length === 0 || isHead || isBodiless) response.end();
  else endWhole(response, body);
}

/** Ends a response whose head is written with its whole body: in one write, where it is our own. */
export function endWhole(response: http.ServerResponse, body: string | Buffer): void {
  if ('endWhole' in response)
    (response as http.ServerResponse & { endWhole(body: string | Buffer): void }).endWhole(body);
  else response.end(body);
}

/** Removes a header of this map, any case. */
export function removeHeader(headers: HeaderMap, name: string): void {
  for (const key in headers)
    if (key.length === name.length && key.toLowerCase() === name) Reflect.deleteProperty(headers, key);
}

/** True for what Content-Length may hold. */
export function isLength(value: unknown): boolean {
  return (
    (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) ||
    (typeof value === 'string' && /^\d{1,15}$/.test(value))
  );
}

/** The value of a header of this map, any case. */
export function headerOf(headers: HeaderMap, name: string): string | string[] | undefined {
  const wanted = name.toLowerCase();
  for (const key in headers) if (key.length === wanted.length && key.toLowerCase() === wanted) return headers[key];
  return undefined;
}

function readHeaders(headers: unknown, dropped: string[]): HeaderMap {
  const out: HeaderMap = {};
  if (headers === undefined || headers === null) return out;
  if (typeof headers !== 'object' || Array.isArray(headers))
    throw new HttpError('INVALID_HEADER', { message: 'msg.headers must be an object of names and values.' });
  for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
    if (value === undefined || value === null) continue;
    if (!isToken(name))
      throw new HttpError('INVALID_HEADER', { message: `The header name ${shown(name)} is not valid.` });
    const lower = name.toLowerCase();
    if (framing.has(lower) || (lower === 'connection' && String(value).toLowerCase() !== 'close')) {
      dropped.push(name);
      continue;
    }
    if (lower === 'connection') out[name] = 'close';
    else out[name] = Array.isArray(value) ? value.map((one) => headerText(name, one)) : headerText(name, value);
  }
  return out;
}

function headerText(name: string, value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined;
  if (text === undefined)
    throw new HttpError('INVALID_HEADER', { message: `The header ${name} must be text, not ${typeof value}.` });
  if (!isHeaderValue(text))
    throw new HttpError('INVALID_HEADER', {
      message: `The header ${name} contains a line break or another character that a header cannot carry.`,
    });
  return text;
}

function appendCookies(response: http.ServerResponse, value: string | string[]): void {
  const before = response.getHeader('Set-Cookie');
  const lines = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  response.setHeader('Set-Cookie', lines.concat(value));
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value).slice(0, 40);
}
