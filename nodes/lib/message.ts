/** The message contract: how an exchange becomes a message, and what of a message is the live request and response. */
import { randomBytes } from 'node:crypto';
import type http from 'node:http';
import { type Exchange, type ServerResponse, carriesBody, maskValues } from '../../src/doors/exchange.js';
import type { FlowMessage } from './typings.js';

/** The methods of the live response that old flows call on `msg.res`, as with the core `http in`. */
const forwarded = [
  'set',
  'header',
  'get',
  'append',
  'status',
  'sendStatus',
  'type',
  'contentType',
  'send',
  'json',
  'jsonp',
  'cookie',
  'clearCookie',
  'redirect',
  'location',
  'vary',
  'attachment',
  'download',
  'sendFile',
  'end',
] as const;

/** `msg.res`: the live response as `_res` (the name Debug hides), and forwards to its methods. */
class MessageResponse {
  readonly _res: ServerResponse;

  constructor(response: ServerResponse) {
    this._res = response;
  }
}

for (const name of forwarded) {
  Object.defineProperty(MessageResponse.prototype, name, {
    enumerable: false,
    value(this: MessageResponse, ...args: unknown[]): unknown {
      const response = this._res as unknown as Record<string, (...args: unknown[]) => unknown>;
      const result = response[name]?.(...args);
      return result === this._res ? this : result;
    },
  });
}

/**
 * The message of a request: `payload` is the body where the method carries one, else the query; the request stream
 * when the body is not read.
 */
export function messageOf(exchange: Exchange, id: string, streamed: boolean): FlowMessage {
  const { request, response } = exchange;
  return {
    _msgid: id,
    payload: streamed ? streamOf(exchange) : payloadOf(exchange),
    req: request,
    res: new MessageResponse(response),
  };
}

function payloadOf(exchange: Exchange): unknown {
  const { request, body } = exchange;
  return body !== undefined || carriesBody(request.method) ? request.body : queryOf(exchange);
}

/** The query as payload: what the server has checked as a secret is masked, since payloads are shown and sent on. */
function queryOf({ request, secretPlaces }: Exchange): unknown {
  return secretPlaces ? maskValues(request.query, secretPlaces.query) : request.query;
}

/** Masks the secrets that a guard has found in the query, where the payload is that query. */
export function maskPayload(message: FlowMessage, names: ReadonlySet<string>): void {
  const { payload } = message;
  const query = (requestOf(message) as { query?: Record<string, unknown> } | undefined)?.query;
  if (names.size === 0 || !query || typeof payload !== 'object' || payload === null) return;
  const values = payload as Record<string, unknown>;
  const secret = [...names].filter((name) => Object.hasOwn(values, name) && values[name] === query[name]);
  if (secret.length > 0) message.payload = maskValues(values, new Set(secret));
}

/** The request as payload: tagged, because `cloneMessage` keeps by reference only what is no plain object to it. */
function streamOf(exchange: Exchange): unknown {
  const { request } = exchange;
  if (
    !carriesBody(request.method) &&
    exchange.body === undefined &&
    request.headers['content-length'] === undefined &&
    request.headers['transfer-encoding'] === undefined
  )
    return queryOf(exchange);
  const stream = exchange.stream ?? request;
  Object.defineProperty(stream, Symbol.toStringTag, { value: 'RequestStream', configurable: true });
  return stream;
}

/** The live response of a message: ours or that of the core `http in`; undefined when the message carries none. */
export function responseOf(message: FlowMessage): http.ServerResponse | undefined {
  const response = message.res?._res;
  return typeof response?.setHeader === 'function' ? response : undefined;
}

/** The live request of a message. */
export function requestOf(message: FlowMessage): http.IncomingMessage | undefined {
  return message.req ?? responseOf(message)?.req;
}

/** Half of the id is this process's, half counts: as unlike other ids as random ones, for a fraction of the work. */
const mine = randomBytes(4).toString('hex');
const lastDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
let count = randomBytes(4).readUInt32BE(0);
let firstDigits = digitsOf(count);

/** An id for `_msgid`, of the shape Node-RED gives: 16 hexadecimal digits. Node-RED would make one from random digits. */
export function nextMessageId(): string {
  count = (count + 1) >>> 0;
  const last = count & 0xff;
  // Formatting the whole number each time would cost more than all else here.
  if (last === 0) firstDigits = digitsOf(count);
  return firstDigits + (lastDigits[last] ?? '');
}

/** All digits but the last two. */
function digitsOf(number: number): string {
  return mine + (number >>> 8).toString(16).padStart(6, '0');
}
