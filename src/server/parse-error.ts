import type { Socket } from 'node:net';
import type { HeaderField } from '../exchange/context.js';
import type { Exchange } from '../exchange/exchange.js';
import { lingerLimits } from '../exchange/error-answer.js';
import { encodeRawAnswer, sendLast } from './raw-answer.js';

/** What Node's parser reports when it gives up on a connection. */
export interface ParseError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

const statusOf: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** A target that fills half the room of a head: the address is what is too long, not the headers. */
const longTarget = /^[A-Z]{3,16} \S{8192}/;
/** A token, a space and a path: a request line whose method nobody knows (RFC 9110 15.6.2). */
const unknownMethod = /^[A-Z][\w!#$%&'*+.^`|~-]{0,31} \//;
/** A well-formed version that is neither 1.0 nor 1.1 (RFC 9112 2.3). */
const otherVersion = / HTTP\/(?!1\.[01])\d\.\d\r\n/;

/** The status for a request Node could not parse: 400, unless something more exact is known. */
export function parseErrorStatus({ code = '', rawPacket }: ParseError): number {
  const packet = rawPacket?.toString('latin1') ?? '';
  if (code === 'HPE_INVALID_METHOD' && unknownMethod.test(packet)) return 501;
  if (code === 'HPE_INVALID_VERSION' && otherVersion.test(packet)) return 505;
  if (code === 'HPE_HEADER_OVERFLOW' && longTarget.test(packet)) return 414;
  return statusOf[code] ?? 400;
}

/**
 * Answers a connection whose next request cannot be parsed, and closes it: after the answers to the requests before it
 * (RFC 9112 9.3.2), and never into an answer that has begun.
 * @param last the newest request of this connection that is not over
 */
export function answerParseError(
  error: ParseError,
  socket: Socket,
  defaults: Iterable<HeaderField>,
  last: Exchange | undefined,
): void {
  // Who has not said a byte, a browser that connects in advance for instance, waits for no answer.
  const isSilent = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (error.code === 'ECONNRESET' || !socket.writable || isSilent) {
    socket.destroy(error);
    return;
  }
  if (error.code?.startsWith('ERR_SSL_')) {
    // The encryption broke, or the client certificate was forged: an answer under way may still get through.
    const timer = setTimeout(() => socket.destroy(), last ? lingerLimits.milliseconds : 0);
    socket.once('close', () => clearTimeout(timer));
    return;
  }
  if (!last) refuse(error, socket, defaults);
  else if (last.request.complete) last.onEnd(() => refuse(error, socket, defaults));
  // Refused already, and now what follows is broken too: the refusal is complete.
  else if (last.refused) last.response.end();
  // The error lies in the body of a request: its answer may have begun, or wait for others.
  else if (last.response.headersSent || last.response.socket !== socket) socket.destroy(error);
  else refuse(error, socket, defaults);
}

function refuse(error: ParseError, socket: Socket, defaults: Iterable<HeaderField>): void {
  if (!socket.writable) return;
  const status = parseErrorStatus(error);
  sendLast(socket, encodeRawAnswer({ status, defaults }), () => {
    // Who was too slow sends nothing that could undo the answer.
    if (status === 408) socket.destroySoon();
  });
}
