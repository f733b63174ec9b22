import type http from 'node:http';
import { once } from 'node:events';
import { HttpError } from '../errors.js';
import { type Head, applyHead, headerOf, isLength } from './answer.js';
import { isGone } from './claim.js';
import { bytesOf, encodePayload, errorText } from './payload.js';

/**
 * Sends a stream or (async) iterable as the answer, chunked, or with the flow's own Content-Length when that is a
 * number. Reads no faster than the client takes it and stops the source when the client leaves.
 * @returns when the answer is complete or was dropped
 * @throws HttpError INVALID_PAYLOAD when the source fails: before the first byte the response is untouched, after it
 *   the connection is cut, so that the client cannot take the part for the whole
 */
export async function sendStream(
  response: http.ServerResponse,
  head: Head,
  source: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<void> {
  const declared = headerOf(head.headers, 'content-length');
  const expected = isLength(declared) ? Number(declared) : undefined;
  let sent = 0;
  const begin = (): void => {
    if (sent > 0) return;
    applyHead(response, head);
    if (expected === undefined) response.removeHeader('Content-Length');
  };
  try {
    for await (const part of source) {
      if (isGone(response)) return;
      const piece = pieceOf(part);
      if (piece.length === 0) continue;
      begin();
      sent += piece.length;
      if (expected !== undefined && sent > expected) throw new Error(`more than the announced ${expected} bytes`);
      if (response.req.method === 'HEAD') break;
      if (!response.write(piece) && !(await drained(response))) return;
    }
    if (isGone(response)) return;
    begin();
    if (expected !== undefined && sent < expected && response.req.method !== 'HEAD')
      throw new Error(`${sent} of the announced ${expected} bytes`);
    response.end();
  } catch (cause) {
    if (response.headersSent) response.destroy();
    else for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (cause instanceof HttpError) throw cause;
    throw new HttpError('INVALID_PAYLOAD', { message: `The stream of the payload failed: ${errorText(cause)}`, cause });
  }
}

/** Waits until the client has taken what was written. @returns false when it left instead */
export async function drained(response: http.ServerResponse): Promise<boolean> {
  if (isGone(response)) return false;
  const stop = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: stop.signal }),
      once(response, 'close', { signal: stop.signal }),
    ]);
  } finally {
    stop.abort();
  }
  return !isGone(response);
}

/** One part of a streamed answer as bytes. @throws HttpError INVALID_PAYLOAD */
export function pieceOf(part: unknown): Buffer {
  const { body } = encodePayload(part ?? undefined, 'text');
  return body === undefined ? Buffer.alloc(0) : (bytesOf(body) ?? Buffer.from(body as string));
}
