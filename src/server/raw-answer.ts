import type { Socket } from 'node:net';
import type { HeaderField } from '../exchange/context.js';
import { lingerLimits } from '../exchange/error-answer.js';
import { httpDate } from '../http/date.js';
import { reasonPhrase } from '../http/status.js';

/** An answer for a connection that has no exchange. */
export interface RawAnswer {
  readonly status: number;
  /** Headers of its own, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The server's default headers: on every answer that does not set them itself. */
  readonly defaults?: Iterable<HeaderField>;
  /** The body; the reason phrase by default. */
  readonly text?: string;
}

/** The bytes of an answer that closes its connection, for what Node's parser never made a request of. */
export function encodeRawAnswer({
  status,
  headers = {},
  defaults = [],
  text = reasonPhrase(status),
}: RawAnswer): string {
  const own: Record<string, string> = {
    ...headers,
    Date: httpDate(Date.now()),
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': String(Buffer.byteLength(text)),
  };
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}`);
  for (const [name, value] of defaults)
    if (!names.has(name.toLowerCase())) for (const one of [value].flat()) lines.push(`${name}: ${one}`);
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines.join('\r\n')}\r\n\r\n${text}`;
}

/**
 * Sends the last bytes of a connection and closes it, whatever the client does: what it still sends is taken in for a
 * moment, so that it can read them.
 */
export function sendLast(socket: Socket, text: string, sent?: () => void): void {
  socket.end(text, sent);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerLimits.milliseconds);
  socket.once('close', () => clearTimeout(timer));
}
