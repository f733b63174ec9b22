import type { Socket } from 'node:net';
import type { HeaderField } from '../exchange/context.js';
import type { Exchange } from '../exchange/exchange.js';
import { lingerLimits } from '../exchange/error-answer.js';
import { reasonPhrase } from '../http/status.js';

/** What Node's parser reports when it gives up on a connection. */
export interface ParseError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

const statusOf: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_INVALID_VERSION: 505,
};

/** The status for a request Node could not parse: 400, unless something more exact is known. */
export function parseErrorStatus(error: ParseError): number {
  // A token, a space and a path: a request line whose method nobody knows (RFC 9110 15.6.2).
  if (
    error.code === 'HPE_INVALID_METHOD' &&
    error.rawPacket &&
    /^[A-Z][\w!#$%&'*+.^`|~-]{0,31} \//.test(error.rawPacket.toString('latin1', 0, 64))
  )
    return 501;
  return statusOf[error.code ?? ''] ?? 400;
}

/**
 * Answers a connection whose next request cannot be parsed, and closes it: after the answers to the requests before it
 * (RFC 9112 9.3.2), and never into an answer that has begun.
 * @param last the newest request of this connection that is not over
 */
export function answerParseError(
  error: ParseError,
  socket: Socket,
  defaults: readonly HeaderField[],
  last: Exchange | undefined,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  if (!last) refuse(error, socket, defaults);
  else if (last.request.complete) last.onEnd(() => refuse(error, socket, defaults));
  // The error lies in the body of a request: its answer may have begun, or wait for others.
  else if (last.response.headersSent || last.response.socket !== socket) socket.destroy(error);
  else refuse(error, socket, defaults);
}

function refuse(error: ParseError, socket: Socket, defaults: readonly HeaderField[]): void {
  if (!socket.writable) return;
  const status = parseErrorStatus(error);
  const text = reasonPhrase(status);
  const lines = [
    `HTTP/1.1 ${status} ${text}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  for (const [name, value] of defaults)
    for (const one of Array.isArray(value) ? value : [value]) lines.push(`${name}: ${one as string}`);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => {
    // Who was too slow sends nothing that could undo the answer; what others still send is taken in for a moment.
    if (status === 408) socket.destroySoon();
  });
  const timer = setTimeout(() => socket.destroy(), lingerLimits.milliseconds);
  socket.once('close', () => clearTimeout(timer));
}
