import { randomBytes } from 'node:crypto';
import type http from 'node:http';
import { type ErrorCode, HttpError } from '../errors.js';
import { prefers } from '../http/header.js';
import { reasonPhrase } from '../http/status.js';
import { prepareHead, sendWhole } from './answer.js';
import { isAnswered, isGone } from './claim.js';
import { ServerResponse } from './response.js';

/** Bytes of an unread body that are still taken in, so that the client can read the answer, and how long (ms). */
export const lingerLimits = { bytes: 1024 * 1024, milliseconds: 2000 } as const;

/** The texts a client sees instead of the reason phrase (API row SV18, decision D15). */
const fileTexts: Partial<Record<string, string>> = {
  INVALID_PATH: 'Invalid path',
  PARENT_DIRECTORY_REFERENCE: 'Invalid path',
  BACKSLASH_IN_PATH: 'Invalid path',
  FILE_NOT_FOUND: 'File not found',
  FILES_DISABLED: 'File not found',
};

/** The errors, besides those of a multipart limit, by which a request counts as rejected. */
const rejections: ReadonlySet<string> = new Set<ErrorCode>([
  'AUTHENTICATION_REQUIRED',
  'ACCESS_UNUSABLE',
  'INSUFFICIENT_SCOPE',
  'ORIGIN_REFUSED',
  'MISDIRECTED',
  'TOO_MANY_REQUESTS',
  'TOO_MANY_PARAMETERS',
  'BODY_TOO_LARGE',
  'URI_TOO_LONG',
  'HEADERS_TOO_LARGE',
  'OVERLOADED',
]);

/** How an error is answered. */
export interface ErrorAnswerOptions {
  /** Answer although somebody has claimed the answer but not begun it: for deadlines. */
  readonly force?: boolean;
}

/** Any thrown value as an {@link HttpError}: what is not one is an INTERNAL_ERROR. */
export function toHttpError(error: unknown): HttpError {
  return error instanceof HttpError ? error : new HttpError('INTERNAL_ERROR', { cause: error });
}

/**
 * Answers with an error: text/plain, or JSON `{status, error, code}` when the client prefers that. Nothing about the
 * machine is in it unless the server's `debug` is on. A body the client is still sending is drained for a moment, then the connection
 * is closed.
 * @returns the request id that a 500 carries, for the log line; '' otherwise
 */
export function sendError(
  response: http.ServerResponse,
  thrown: unknown,
  { force = false }: ErrorAnswerOptions = {},
): string {
  if (isGone(response) || response.headersSent || (isAnswered(response) && !force)) return '';
  const error = toHttpError(thrown);
  const request = response.req;
  if (response instanceof ServerResponse && isRejection(error)) response.exchange.result ??= 'rejected';
  const debug = response instanceof ServerResponse && response.exchange.context.debug;
  const id = error.status === 500 ? randomBytes(6).toString('hex') : '';
  const text = debug
    ? [error.message, error.detail].filter(Boolean).join(': ')
    : (fileTexts[error.code] ?? reasonPhrase(error.status));
  const asJson = prefers(request.headers.accept, ['text/plain', 'application/json']) === 'application/json';
  const body = asJson
    ? JSON.stringify({ status: error.status, error: text, code: error.code, ...(id && { requestId: id }) })
    : text;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const head = prepareHead(error.status, undefined, {
    ...error.headers,
    'Content-Type': asJson ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'",
    Vary: 'Accept',
    ...(id && { 'X-Request-Id': id }),
  });
  // What a flow may not set is the server's to say: a 426 names the protocol (RFC 9110 15.5.22).
  for (const name of head.dropped) head.headers[name] = String(error.headers?.[name]);
  if (error.status === 408) head.headers['Connection'] = 'close';
  if (isUnread(request) && error.status !== 408) lingerThenClose(response, head, body);
  else sendWhole(response, head, body);
  return id;
}

/** True for what is refused by access, a limit or an origin check, whatever the request is about. */
function isRejection({ code }: HttpError): boolean {
  return code.startsWith('LIMIT_') || rejections.has(code);
}

/** True when the client announced a body that has not arrived in full. */
export function isUnread(request: http.IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

function lingerThenClose(response: http.ServerResponse, head: ReturnType<typeof prepareHead>, body: string): void {
  const request = response.req;
  head.headers['Connection'] = 'close';
  response.shouldKeepAlive = false;
  // A client that waits for 100 Continue sends nothing more: there is nothing to drain.
  if (request.headers.expect !== undefined) {
    sendWhole(response, head, body);
    return;
  }
  head.headers['Content-Length'] = String(Buffer.byteLength(body));
  response.writeHead(head.status, head.reason, head.headers);
  if (request.method !== 'HEAD') response.write(body);
  if (response instanceof ServerResponse) response.exchange.refused = true;
  let left = lingerLimits.bytes;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', finish).off('close', finish);
    response.end();
  };
  const count = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) finish();
  };
  const timer = setTimeout(finish, lingerLimits.milliseconds);
  request.on('data', count).once('end', finish).once('close', finish);
  // Whoever read the body before has left it paused.
  request.resume();
}
