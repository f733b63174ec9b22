import type http from 'node:http';
import type { Readable } from 'node:stream';
import { parseParameterized } from '../http/header.js';
import { objectOf, parseQueryPairs } from '../http/query.js';
import type { BodyBudget } from './body-budget.js';
import { lazily } from '../lazily.js';
import { decodeText } from './charset.js';
import { decodeContent } from './content-encoding.js';
import { parseJson } from './json.js';
import type * as Multipart from './multipart.js';
import type { UploadedFile } from './multipart.js';
import { type SizeLimit, readBody } from './read-body.js';

const multipart = lazily(() => require('./multipart.js') as typeof Multipart);

/** How a body is read. Sizes in bytes. */
export interface ParseOptions {
  /** "raw": a Buffer, whatever the media type. */
  readonly mode: 'parsed' | 'raw';
  /** Keep the bytes beside the parsed value; never those of an upload to disk. */
  readonly keepRaw: boolean;
  /** For everything that is held in memory. */
  readonly memoryLimit: SizeLimit;
  /** For multipart that is streamed to disk. */
  readonly uploadLimit: SizeLimit;
  readonly maxParameters: number;
  readonly upload: 'memory' | 'disk' | 'off';
  /** Folder of uploads on disk, made when missing; '' for a temporary one. */
  readonly uploadDir: string;
  /** undefined: the limit of the whole body. */
  readonly maxFileSize: number | undefined;
  readonly maxFiles: number;
  readonly budget: BodyBudget;
}

/** A body that was read. */
export interface ParsedBody {
  value: unknown;
  /** The bytes, when they were asked for. */
  raw?: Buffer | undefined;
  /** Pairs of a form in order, for the API's containers. */
  pairs?: readonly (readonly [string, string])[] | undefined;
  /** Uploaded files; undefined when the body was not multipart. */
  files?: UploadedFile[] | undefined;
  /** The files, with the inputs nothing was chosen in (API row FD10). */
  fileParts?: readonly UploadedFile[] | undefined;
  /** Frees what the body holds: its share of the budget, its temporary files. Call once, when the answer is sent; resolves when the files are gone. */
  discard: (() => void) | (() => Promise<void> | undefined);
}

/**
 * Reads the body of a request and parses it by its media type: JSON (`application/json`, `*+json`), urlencoded,
 * multipart/form-data, text and XML as strings, everything else as Buffer. An empty body is '' for text, an empty
 * Buffer for another type that is named, else `{}`. A malformed Content-Type is a type like any other: Buffer.
 * @throws HttpError 400, 413, 415, 503, 507: see the error table
 */
export async function parseBody(request: http.IncomingMessage, options: ParseOptions): Promise<ParsedBody> {
  const contentType = request.headers['content-type'] ?? '';
  const stream = decodeContent(request, request.headers['content-encoding']);
  try {
    const { value: type, parameters } = parseParameterized(contentType);
    if (type === 'multipart/form-data' && options.mode === 'parsed')
      return await multipart().parseMultipart(stream, contentType, options);
    return await parseWhole(stream, type, parameters['charset'], options);
  } finally {
    // Frees the decoder; the request itself may still have to be drained.
    if (stream !== request) stream.destroy();
  }
}

async function parseWhole(
  stream: Readable,
  type: string,
  charset: string | undefined,
  options: ParseOptions,
): Promise<ParsedBody> {
  // An unknown charset is refused before a byte is read.
  if (charset !== undefined && options.mode !== 'raw' && isDecoded(type)) decodeText(Buffer.alloc(0), charset);
  const { bytes, release } = await readBody(stream, {
    limit: options.memoryLimit,
    budget: options.budget,
  });
  try {
    const parsed = options.mode === 'raw' ? { value: bytes } : parseBytes(bytes, type, charset, options.maxParameters);
    return { ...parsed, ...(options.keepRaw && { raw: bytes }), discard: release };
  } catch (error) {
    release();
    throw error;
  }
}

function parseBytes(
  bytes: Buffer,
  type: string,
  charset: string | undefined,
  maxParameters: number,
): Pick<ParsedBody, 'value' | 'pairs'> {
  if (isJson(type)) {
    if (bytes.length === 0) return { value: {} };
    return { value: parseJson(decodeText(bytes, charset), charset === undefined ? bytes : undefined) };
  }
  if (type === formType) {
    const pairs = parseQueryPairs(decodeText(bytes, charset), maxParameters);
    return { value: objectOf(pairs), pairs };
  }
  if (isText(type)) return { value: decodeText(bytes, charset) };
  return { value: bytes.length === 0 && type === '' ? {} : bytes };
}

const formType = 'application/x-www-form-urlencoded';

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}

/** True for bodies whose bytes become text on the way. */
function isDecoded(type: string): boolean {
  return isJson(type) || type === formType || isText(type);
}

/** Application types that are text by their definition. */
const textTypes: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json-seq',
  'application/sql',
  'application/toml',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-yaml',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
]);

/** Media types whose body is a string: text, XML and the script and data types that are text by definition. */
function isText(type: string): boolean {
  return type.startsWith('text/') || type.endsWith('+xml') || type.endsWith('+yaml') || textTypes.has(type);
}
