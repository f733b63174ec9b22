/**
 * The Express-shaped methods of the response, as core and contrib nodes call them (`msg.res._res.status(200).send(…)`).
 * Each answers through the same checked path as our own nodes.
 */
import { basename, dirname, resolve } from 'node:path';
import { HttpError } from '../errors.js';
import { type CookieOptions, clearCookie as encodeClearing, encodeCookie } from '../http/cookie.js';
import { appendVary, contentDisposition } from '../http/header.js';
import { reasonPhrase } from '../http/status.js';
import { type HeaderMap, parseStatus, prepareHead, sendWhole } from './answer.js';
import { claimAnswer, releaseAnswer } from './claim.js';
import { encodePayload, errorText } from './payload.js';
import type { ServerResponse } from './response.js';
import { checkLocation } from './redirect.js';

/** Options of `sendFile` and `download`. */
export interface FileOptions {
  /** Folder the path is relative to and must stay inside. */
  root?: string;
  /** Milliseconds for `Cache-Control: max-age`. */
  maxAge?: number;
  headers?: Record<string, string>;
}

const shortTypes: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xml: 'application/xml',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  bin: 'application/octet-stream',
};

/** `res.set(name, value)` and `res.set({…})`. @throws HttpError ALREADY_ANSWERED, INVALID_HEADER */
export function set(response: ServerResponse, name: string | Record<string, unknown>, value?: unknown): void {
  response.assertUnanswered();
  const { headers } = prepareHead(200, undefined, typeof name === 'string' ? { [name]: value } : name);
  for (const key in headers) response.setHeader(key, withCharset(key, headers[key] ?? ''));
}

/** `res.append(name, value)`. */
export function append(response: ServerResponse, name: string, value: string | string[]): void {
  response.assertUnanswered();
  const before = response.getHeader(name);
  const earlier = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  response.setHeader(name, earlier.concat(value));
}

/** `res.sendStatus(code)`. */
export function sendStatus(response: ServerResponse, code: number): void {
  response.assertUnanswered();
  response.statusCode = parseStatus(code);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  send(response, reasonPhrase(code));
}

/** `res.type('html')`. */
export function type(response: ServerResponse, name: string): void {
  response.assertUnanswered();
  response.setHeader(
    'Content-Type',
    name.includes('/')
      ? withCharset('content-type', name)
      : (shortTypes[name.replace(/^.*\./, '')] ?? 'application/octet-stream'),
  );
}

/** `res.send(body)`. @throws HttpError ALREADY_ANSWERED, INVALID_STATUS, INVALID_PAYLOAD */
export function send(response: ServerResponse, body: unknown): void {
  finish(response, encodePayload(body, 'auto'));
}

/** `res.json(body)`. @throws HttpError ALREADY_ANSWERED, INVALID_STATUS, INVALID_PAYLOAD */
export function json(response: ServerResponse, body: unknown): void {
  finish(response, encodePayload(body, 'json'));
}

/** `res.cookie(name, value, options)`. Objects become JSON behind `j:`, as Express has it. */
export function cookie(response: ServerResponse, name: string, value: unknown, options: CookieOptions = {}): void {
  response.assertUnanswered();
  const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value);
  append(response, 'Set-Cookie', encodeCookie(name, text, options));
}

/** `res.clearCookie(name, options)`. */
export function clearCookie(response: ServerResponse, name: string, options: CookieOptions = {}): void {
  append(response, 'Set-Cookie', encodeClearing(name, options));
}

/** `res.redirect([status,] url)`. */
export function redirect(response: ServerResponse, status: number | string, url?: string): void {
  const [code, location] = typeof status === 'number' ? [status, url ?? '/'] : [302, status];
  set(response, 'Location', checkLocation(location));
  response.statusCode = parseStatus(code);
  finish(response, { body: undefined, contentType: undefined });
}

/** `res.vary(field)`. */
export function vary(response: ServerResponse, field: string | string[]): void {
  response.assertUnanswered();
  let value = String(response.getHeader('Vary') ?? '');
  for (const name of Array.isArray(field) ? field : [field]) value = appendVary(value, name);
  response.setHeader('Vary', value);
}

/** `res.attachment(filename)`: `Content-Disposition` and, by the extension, the media type. */
export function attachment(response: ServerResponse, filename?: string): void {
  response.assertUnanswered();
  const extension = filename?.match(/\.(\w+)$/)?.[1];
  if (extension && shortTypes[extension]) response.setHeader('Content-Type', shortTypes[extension]);
  response.setHeader('Content-Disposition', contentDisposition('attachment', filename));
}

/** `res.sendFile(path, options, done)`. */
export function sendFile(
  response: ServerResponse,
  path: string,
  options?: FileOptions | ((error?: Error) => void),
  done?: (error?: Error) => void,
): void {
  const settings = typeof options === 'function' ? {} : (options ?? {});
  transmit(response, path, settings, {}, typeof options === 'function' ? options : done);
}

/** `res.download(path, name, options, done)`. */
export function download(
  response: ServerResponse,
  path: string,
  name?: string,
  options: FileOptions = {},
  done?: (error?: Error) => void,
): void {
  transmit(response, path, options, { attachment: true, downloadName: name ?? basename(path) }, done);
}

function transmit(
  response: ServerResponse,
  path: string,
  options: FileOptions,
  extra: { attachment?: boolean; downloadName?: string },
  done: ((error?: Error) => void) | undefined,
): void {
  if (!claimAnswer(response)) return;
  for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
  const whole = resolve(path);
  const place =
    options.root === undefined
      ? { root: dirname(whole), filename: basename(whole) }
      : { root: options.root, filename: path };
  const age = options.maxAge === undefined ? {} : { maxAge: Math.floor(options.maxAge / 1000) };
  response.exchange.context.sendFile(response.req, response, { ...place, ...extra, ...age }).then(
    () => tell(response, done),
    (error: unknown) => {
      const failure = error instanceof HttpError ? error : new HttpError('INTERNAL_ERROR', { cause: error });
      // Nothing was sent: whoever asked may answer in another way.
      releaseAnswer(response);
      if (done) tell(response, done, failure);
      else if (!response.headersSent) sendStatus(response, failure.status);
    },
  );
}

/** Calls a callback of the flow. What it throws has no flow to end in: it is logged, and the process goes on. */
function tell(response: ServerResponse, done: ((error?: Error) => void) | undefined, error?: Error): void {
  try {
    done?.(error);
  } catch (thrown) {
    response.exchange.context.logger.error(`The callback of a sent file failed: ${errorText(thrown)}`);
  }
}

function finish(
  response: ServerResponse,
  encoded: { body: string | Buffer | undefined; contentType: string | undefined },
): void {
  response.assertUnanswered();
  const head = prepareHead(response.statusCode, response.statusMessage || undefined, {} satisfies HeaderMap);
  if (!claimAnswer(response)) return;
  if (encoded.contentType && !response.hasHeader('Content-Type')) {
    response.setHeader('Content-Type', encoded.contentType);
    if (encoded.contentType.startsWith('application/json') && !response.hasHeader('X-Content-Type-Options'))
      response.setHeader('X-Content-Type-Options', 'nosniff');
  }
  sendWhole(response, head, encoded.body);
}

/** Express adds the charset to text types that name none. */
function withCharset(name: string, value: string | string[]): string | string[];
function withCharset(name: string, value: string): string;
function withCharset(name: string, value: string | string[]): string | string[] {
  if (typeof value !== 'string' || name.toLowerCase() !== 'content-type' || /;\s*charset=/i.test(value)) return value;
  return /^(text\/|application\/json$)/i.test(value) ? `${value}; charset=utf-8` : value;
}
