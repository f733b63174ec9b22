import type http from 'node:http';
import { parseParameterized } from '../http/header.js';
import { objectOf, parseQueryPairs } from '../http/query.js';
import type { BodyBudget } from './body-budget.js';
import { decodeText } from './charset.js';
import { decodeContent } from './content-encoding.js';
import { parseJson } from './json.js';
import { readBody } from './read-body.js';
import { parseTextForm } from '../http/text-form.js';
import type { UploadedFile } from './multipart.js';

/** How a body is read. Sizes in bytes. */
export interface ParseOptions {
  /** "raw": a Buffer, whatever the media type. */
  readonly mode: 'parsed' | 'raw';
  /** Keep the bytes beside the parsed value. */
  readonly keepRaw: boolean;
  /** For everything that is held in memory. */
  readonly memoryLimit: number;
  /** For multipart that is streamed to disk. */
  readonly uploadLimit: number;
  readonly maxParameters: number;
  readonly upload: 'memory' | 'disk' | 'off';
  /** Folder of uploads on disk; '' for a temporary one. */
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
  files?: UploadedFile[] | undefined;
  /** Frees what the body holds: its share of the budget, its temporary files. Call once, when the answer is sent. */
  discard: () => void;
}

/** Characters of a text/plain body that are also read as a form's fields. */
const longestTextForm = 64 * 1024;

/**
 * Reads the body of a request and parses it by its media type: JSON (`application/json`, `*+json`), urlencoded,
 * multipart, text and XML as strings, everything else as Buffer.
 * @throws HttpError 400, 413, 415, 503, 507: see the error table
 */
export async function parseBody(request: http.IncomingMessage, options: ParseOptions): Promise<ParsedBody> {
  const { value: type, parameters } = parseParameterized(request.headers['content-type'] ?? '');
  const stream = decodeContent(request, request.headers['content-encoding']);
  if (type === 'multipart/form-data' && options.mode === 'parsed') {
    const { parseMultipart } = await import('./multipart.js');
    return parseMultipart(stream, request.headers['content-type'] ?? '', options);
  }
  const read = await readBody(stream, { limit: options.memoryLimit, budget: options.budget });
  try {
    return {
      ...parseBytes(read.bytes, type, parameters['charset'], options),
      ...(options.keepRaw && { raw: read.bytes }),
      discard: read.release,
    };
  } catch (error) {
    read.release();
    throw error;
  }
}

function parseBytes(
  bytes: Buffer,
  type: string,
  charset: string | undefined,
  { mode, maxParameters }: ParseOptions,
): Omit<ParsedBody, 'discard'> {
  if (mode === 'raw') return { value: bytes };
  if (type === 'application/json' || type.endsWith('+json'))
    return { value: bytes.length === 0 ? {} : parseJson(decodeText(bytes, charset)) };
  if (type === 'application/x-www-form-urlencoded') {
    const pairs = parseQueryPairs(decodeText(bytes, charset), maxParameters);
    return { value: objectOf(pairs), pairs };
  }
  if (type === 'text/plain') {
    const text = decodeText(bytes, charset);
    return { value: text, pairs: text.length <= longestTextForm ? parseTextForm(text) : undefined };
  }
  if (isText(type)) return { value: decodeText(bytes, charset) };
  return { value: bytes };
}

/** Media types whose body is a string: text, XML and the script and data types that are text by definition. */
function isText(type: string): boolean {
  return (
    type.startsWith('text/') ||
    type === 'application/xml' ||
    type.endsWith('+xml') ||
    type === 'application/javascript' ||
    type === 'application/ecmascript' ||
    type === 'application/yaml' ||
    type === 'application/x-yaml' ||
    type === 'application/graphql' ||
    type === 'application/sql' ||
    type === 'application/x-ndjson' ||
    type === 'application/xhtml'
  );
}
