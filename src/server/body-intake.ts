import type { BodyBudget } from '../body/body-budget.js';
import type * as LimitedStream from '../body/limited-stream.js';
import type * as Parsing from '../body/parse-body.js';
import type * as Reading from '../body/read-body.js';
import type { SizeLimit } from '../body/read-body.js';
import type { HttpError } from '../errors.js';
import type { Exchange } from '../exchange/exchange.js';
import { lazily } from '../lazily.js';
import type { BodyOptions } from './entry.js';
import type { Limits } from './settings.js';

const parsing = lazily(() => require('../body/parse-body.js') as typeof Parsing);
const reading = lazily(() => require('../body/read-body.js') as typeof Reading);
const limiting = lazily(() => require('../body/limited-stream.js') as typeof LimitedStream);

const bodyMethods = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** True for the methods whose payload is the body even when there is none. */
export function carriesBody(method: string | undefined): boolean {
  return bodyMethods.has(method ?? '');
}

/** True when the request announces a body (RFC 9112 6.3). */
export function hasBody(exchange: Exchange): boolean {
  const { headers } = exchange.request;
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Refuses a body whose announced length is over the limit, before a byte of it is read.
 * @throws HttpError BODY_TOO_LARGE
 */
function refuseDeclared(exchange: Exchange, limit: SizeLimit): void {
  const length = exchange.request.headers['content-length'];
  if (length !== undefined && Number(length) > limit.bytes) throw reading().tooLarge(limit);
}

/**
 * Reads and parses the body of a request into its exchange.
 * @returns undefined when there is nothing to read, so that a request without body is served at once
 * @throws HttpError BODY_TOO_LARGE for an announced length; the promise rejects with what `parseBody` throws
 */
export function receiveBody(
  exchange: Exchange,
  options: BodyOptions,
  limits: Limits,
  budget: BodyBudget,
): Promise<void> | undefined {
  const { request } = exchange;
  if (!hasBody(exchange) || request.upgrade) {
    if (carriesBody(request.method)) exchange.body = { value: options.mode === 'raw' ? Buffer.alloc(0) : {} };
    return undefined;
  }
  const own = ownLimit(options);
  const memoryLimit: SizeLimit =
    own ??
    (limits.bodyLimit <= limits.uploadLimit
      ? { bytes: limits.bodyLimit, name: 'bodyLimit' }
      : { bytes: limits.uploadLimit, name: 'uploadLimit' });
  const uploadLimit: SizeLimit = own ?? { bytes: limits.uploadLimit, name: 'uploadLimit' };
  const isUpload = /^multipart\/form-data/i.test(request.headers['content-type'] ?? '') && options.mode === 'parsed';
  refuseDeclared(exchange, isUpload && options.upload === 'disk' ? uploadLimit : memoryLimit);
  // What the headers forbid is refused before the first read, which is what sends 100 Continue.
  return parsing()
    .parseBody(request, {
      mode: options.mode === 'raw' ? 'raw' : 'parsed',
      keepRaw: options.rawBody,
      memoryLimit,
      uploadLimit,
      maxParameters: limits.maxParameters,
      upload: options.upload,
      uploadDir: options.uploadDir,
      maxFileSize: options.maxFileSize,
      maxFiles: options.maxFiles,
      budget,
    })
    .then((body) => {
      exchange.body = body;
      exchange.onEnd(body.discard);
    });
}

/**
 * Lets the flow read the body itself: nothing is read here, and only the entry's own limit holds.
 * @param onExceed told when more than the limit arrives
 * @throws HttpError BODY_TOO_LARGE for an announced length
 */
export function streamBody(exchange: Exchange, options: BodyOptions, onExceed: (error: HttpError) => void): void {
  const limit = ownLimit(options);
  if (!limit || !hasBody(exchange)) return;
  refuseDeclared(exchange, limit);
  exchange.stream = limiting().limitStream(exchange.request, limit, onExceed);
}

function ownLimit({ bodyLimit }: BodyOptions): SizeLimit | undefined {
  return bodyLimit === undefined ? undefined : { bytes: bodyLimit, name: 'bodyLimit' };
}
