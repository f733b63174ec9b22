import { maskUrl } from '../http/mask.js';
import { reasonPhrase } from '../http/status.js';
import type { Exchange, ExchangeResult } from '../exchange/exchange.js';

/** One finished request, in the words of the contract's `http-server-control`. */
export interface ExchangeRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ip: string;
  readonly user: unknown;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds from the request's head to the end of its answer. */
  readonly ms: number;
  readonly result: ExchangeResult;
}

const noNames: ReadonlySet<string> = new Set();

/** Characters of a path that a log line shows. */
const longestPath = 1024;

/** The line of a finished request: `{ip} -- "{METHOD} {path}" {request bytes} -- "{status}" {response bytes} -- {elapsed}ms` (API row DB3). */
export function encodeLogLine(record: ExchangeRecord, statusText: string, maskedUrl: string): string {
  const request = escapeControl(`${record.method} ${maskedUrl.slice(0, longestPath)}`);
  return `${record.ip} -- "${request}" ${record.bytesIn} -- "${record.status} ${statusText}" ${record.bytesOut} -- ${record.ms}ms`;
}

/** The log line of an exchange that has just ended; secrets in its query are masked. */
export function logLineOf(exchange: Exchange, record: ExchangeRecord): string {
  return encodeLogLine(
    record,
    exchange.response.statusMessage || reasonPhrase(record.status),
    maskUrl(exchange.request.originalUrl, exchange.secretPlaces?.query ?? noNames),
  );
}

/** The record of an exchange that has just ended. */
export function recordOf(exchange: Exchange): ExchangeRecord {
  const { request, response } = exchange;
  const { socket } = request;
  const user = exchange.user as { name?: unknown } | undefined;
  return {
    method: request.method ?? '',
    path: exchange.path,
    status: response.statusCode,
    ip: exchange.forwarded.ip,
    user: user?.name,
    bytesIn: socket.bytesRead - exchange.bytesReadBefore,
    bytesOut: socket.bytesWritten - exchange.bytesWrittenBefore,
    ms: Math.round(exchange.elapsed()),
    result: exchange.result ?? 'response-sent',
  };
}

/** Control characters, quotes of other terminals and line separators as escapes: a client cannot forge a line (T84). */
export function escapeControl(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029"\\]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
