import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type http from 'node:http';
import { randomBytes } from 'node:crypto';
import { HttpError } from '../errors.js';
import { endWhole } from '../exchange/answer.js';
import { IncomingMessage } from '../exchange/request.js';
import { httpDate } from '../http/date.js';
import { escapeHtml } from '../http/fields.js';
import { acceptedEncodings, appendVary, contentDisposition, prefers } from '../http/header.js';
import { evaluateConditions, isRangeFresh } from './conditional.js';
import { type CachedFile, type FileCache, cacheLimits } from './file-cache.js';
import { encodeListing, readListing } from './listing.js';
import { MediaTypes, withCharset } from './media-types.js';
import { type ByteRange, parseRange } from './range.js';
import { type Opened, checkName, isBelowAny, openInside } from './resolve-path.js';
import { writeRange } from './transmit.js';

/** What is sent, and how. Only `root` and `filename` are needed. */
export interface SendFileOptions {
  /** Folder nothing is served from outside of. */
  readonly root: string;
  /** Relative to the root; a leading `/` is, too. */
  readonly filename: string;
  /** True when the name is a path as the client sent it: percent-decoded once, and folders redirect to their slash. */
  readonly encoded?: boolean | undefined;
  /** True when the name comes from the request's address though decoded: folders redirect to their slash. */
  readonly redirect?: boolean | undefined;
  /** File of a folder; "index.html". */
  readonly index?: string;
  /** File below the root for unknown paths that accept HTML: the page of a single-page application. */
  readonly fallback?: string;
  readonly listing?: boolean;
  readonly dotfiles?: 'ignore' | 'deny' | 'allow';
  readonly attachment?: boolean;
  readonly downloadName?: string | undefined;
  readonly contentType?: string | undefined;
  readonly statusCode?: number;
  readonly headers?: readonly (readonly [string, string | readonly string[]])[];
  /** Seconds for `Cache-Control: max-age`; nothing is sent without it. */
  readonly maxAge?: number | undefined;
  readonly headOnly?: boolean;
  readonly safe?: boolean;
  /** Bytes read at once at first, 65536; up to eight times as many from then on. */
  readonly bufferSize?: number;
  /** Use `.br` and `.gz` neighbours for clients that take them. */
  readonly precompressed?: boolean;
  readonly mediaTypes?: MediaTypes | undefined;
  readonly cache?: FileCache | undefined;
  /** Folders strangers upload to: files below them never run as a page of this site. */
  readonly sandboxed?: ReadonlySet<string> | undefined;
}

type Encoding = CachedFile['encoding'];

interface Source {
  readonly stats: Stats;
  readonly encoding: Encoding;
  readonly validators?: CachedFile['validators'];
  readonly body?: Buffer;
  readonly handle?: FileHandle;
}

/** Headers that describe a body: a 304 has none (RFC 9110 15.4.5). */
const describing = [
  'Content-Type',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Disposition',
  'Content-Range',
];
const suffixes = { br: '.br', gzip: '.gz' } as const;
const defaultTypes = new MediaTypes();

/**
 * Answers with a file: conditions, ranges, compressed neighbours, index, folder redirect, listing, SPA page
 * (RFC 9110 13 and 14; API rows FR1–FR11). Resolves when the answer is sent or the client has left.
 * @throws HttpError before anything is written: FILE_NOT_FOUND (404), INVALID_PATH, PARENT_DIRECTORY_REFERENCE,
 *   BACKSLASH_IN_PATH (403), PRECONDITION_FAILED (412), RANGE_NOT_SATISFIABLE (416), OVERLOADED (503)
 */
export async function sendFile(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: SendFileOptions,
): Promise<void> {
  const { safe = true, dotfiles = 'ignore', encoded = false, cache } = options;
  const name = checkName(options.filename, { safe, dotfiles, encoded });
  const coding =
    options.precompressed === false || request.headers.range !== undefined
      ? []
      : acceptedEncodings(request.headers['accept-encoding'], ['br', 'gzip'] as const);
  const key = `${safe ? 's' : 'u'}${coding.join()}|${options.root}|${name}`;
  const fresh = cache?.fresh(key);
  if (fresh) {
    await sendSource(request, response, options, name, fresh, fresh.path);
    return;
  }
  let found: { opened: Opened; name: string };
  try {
    found = await find(request, response, options, name);
  } catch (error) {
    if (
      !(error instanceof HttpError) ||
      error.code !== 'FILE_NOT_FOUND' ||
      !isPageRequest(request) ||
      !options.fallback
    )
      throw error;
    const opened = await openInside(
      options.root,
      checkName(options.fallback, { safe, dotfiles, encoded: false }),
      safe,
    );
    if (opened.kind === 'directory') throw error;
    found = { opened, name: options.fallback };
  }
  const { opened } = found;
  if (opened.kind === 'directory') return;
  const source = await chooseEncoding(opened, options.root, found.name, coding, safe);
  try {
    if (response.destroyed) return;
    const isCacheable = cache !== undefined && found.name === name && source.stats.size <= cacheLimits.fileSize;
    let sent: Source = source;
    if (isCacheable) {
      const cached = cache.confirm(key, source.stats) ?? (await readWhole(source, opened.path));
      cache.set(key, cached);
      sent = cached;
    }
    await sendSource(request, response, options, found.name, sent, opened.path);
  } finally {
    await source.handle.close().catch(() => undefined);
  }
}

/** Opens the file of a name, or the index of a folder; answers folder redirects and listings itself. */
async function find(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: SendFileOptions,
  name: string,
): Promise<{ opened: Opened; name: string }> {
  const { root, safe = true, index = 'index.html', listing = false, dotfiles = 'ignore' } = options;
  const isFolder = name === '' || name.endsWith('/');
  const opened = await openInside(root, isFolder ? name.replace(/\/+$/, '') || '.' : name, safe);
  if (opened.kind === 'file') {
    if (!isFolder) return { opened, name };
    await opened.handle.close();
    throw new HttpError('FILE_NOT_FOUND');
  }
  const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/';
  if (!isFolder && (options.encoded ?? options.redirect)) {
    redirectToSlash(request, response, url);
    return { opened, name };
  }
  const folder = name === '' || name.endsWith('/') ? name : `${name}/`;
  if (index !== '') {
    try {
      const page = await openInside(root, `${folder}${index}`, safe);
      if (page.kind === 'file') return { opened: page, name: `${folder}${index}` };
    } catch (error) {
      if (!(error instanceof HttpError) || error.code !== 'FILE_NOT_FOUND') throw error;
    }
  }
  if (!listing) throw new HttpError('FILE_NOT_FOUND');
  await sendListing(request, response, opened.path, folder, dotfiles === 'allow');
  return { opened, name };
}

async function chooseEncoding(
  opened: Extract<Opened, { kind: 'file' }>,
  root: string,
  name: string,
  coding: readonly ('br' | 'gzip')[],
  safe: boolean,
): Promise<Source & { handle: FileHandle }> {
  for (const encoding of coding) {
    try {
      const neighbour = await openInside(root, name + suffixes[encoding], safe);
      if (neighbour.kind === 'directory') continue;
      await opened.handle.close();
      return { stats: neighbour.stats, handle: neighbour.handle, encoding };
    } catch (error) {
      if (!(error instanceof HttpError) || error.code !== 'FILE_NOT_FOUND') throw error;
    }
  }
  return { stats: opened.stats, handle: opened.handle, encoding: '' };
}

async function readWhole(
  { handle, stats, encoding }: Source & { handle: FileHandle },
  path: string,
): Promise<CachedFile> {
  const body = Buffer.allocUnsafe(stats.size);
  let length = 0;
  while (length < stats.size) {
    const { bytesRead } = await handle.read(body, length, stats.size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length < stats.size)
    throw new HttpError('INTERNAL_ERROR', { message: 'The file became shorter while it was read.' });
  return { body, stats, encoding, path, validators: validatorsOf(stats, encoding) };
}

/** The texts of a file's validators. */
function validatorsOf({ size, mtimeMs }: Stats, encoding: Encoding): CachedFile['validators'] {
  const tag = `${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}${encoding && `-${encoding}`}`;
  return { etag: `"${tag}"`, lastModified: httpDate(mtimeMs) };
}

async function sendSource(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: SendFileOptions,
  name: string,
  source: Source,
  path: string,
): Promise<void> {
  const { stats, encoding } = source;
  const status = options.statusCode ?? 200;
  const { etag, lastModified } = source.validators ?? validatorsOf(stats, encoding);
  const type =
    options.contentType === undefined
      ? (options.mediaTypes ?? defaultTypes).contentTypeFor(name)
      : withCharset(options.contentType);
  for (const [header, value] of options.headers ?? []) response.setHeader(header, value);
  const headers: http.OutgoingHttpHeaders = {
    'Content-Type': type,
    ETag: etag,
    'Last-Modified': lastModified,
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
  };
  if (options.maxAge !== undefined) headers['Cache-Control'] = `public, max-age=${options.maxAge}`;
  if (options.attachment)
    headers['Content-Disposition'] = contentDisposition(
      'attachment',
      options.downloadName || name.slice(name.lastIndexOf('/') + 1),
    );
  if (options.sandboxed && (await isBelowAny(path, options.sandboxed)))
    headers['Content-Security-Policy'] =
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'";
  // What was set before wins.
  if (response.getHeaderNames().length > 0)
    for (const header in headers) if (response.hasHeader(header)) Reflect.deleteProperty(headers, header);
  if (options.precompressed !== false)
    headers['Vary'] = appendVary(String(response.getHeader('Vary') ?? ''), 'Accept-Encoding');
  if (encoding) headers['Content-Encoding'] = encoding;

  const isRead = (request.method === 'GET' || request.method === 'HEAD') && status === 200;
  const current = { etag: String(response.getHeader('ETag') ?? etag), lastModified: stats.mtimeMs };
  if (isRead) {
    const condition = evaluateConditions(request.headers, current);
    if (condition === 'failed') throw cleared(response, new HttpError('PRECONDITION_FAILED'));
    if (condition === 'not-modified') {
      for (const header of describing) {
        Reflect.deleteProperty(headers, header);
        response.removeHeader(header);
      }
      response.writeHead(304, headers).end();
      return;
    }
  }
  const { range } = request.headers;
  const ranges =
    isRead &&
    request.method === 'GET' &&
    range !== undefined &&
    isRangeFresh(request.headers['if-range']?.toString(), current)
      ? parseRange(range, stats.size)
      : undefined;
  if (ranges?.length === 0)
    throw cleared(
      response,
      new HttpError('RANGE_NOT_SATISFIABLE', { headers: { 'Content-Range': `bytes */${stats.size}` } }),
    );
  if (ranges && ranges.length > 1) return sendParts(response, headers, options, source, ranges, type);
  const part = ranges?.[0] ?? { start: 0, end: stats.size - 1 };
  if (ranges) headers['Content-Range'] = `bytes ${part.start}-${part.end}/${stats.size}`;
  headers['Content-Length'] = part.end - part.start + 1;
  if (options.headOnly) closeAfter(request, response);
  response.writeHead(ranges ? 206 : status, headers);
  if (request.method === 'HEAD' || options.headOnly || part.end < part.start) response.end();
  else if (source.body) endWhole(response, ranges ? source.body.subarray(part.start, part.end + 1) : source.body);
  else if (
    source.handle &&
    (await writeRange(response, source.handle, part, options.bufferSize ?? 65536, options.cache?.spare))
  )
    response.end();
}

/** Several ranges as multipart/byteranges (RFC 9110 14.6). */
async function sendParts(
  response: http.ServerResponse,
  headers: http.OutgoingHttpHeaders,
  options: SendFileOptions,
  { stats, body, handle }: Source,
  ranges: readonly ByteRange[],
  type: string,
): Promise<void> {
  const boundary = randomBytes(12).toString('hex');
  const heads = ranges.map(
    ({ start, end }) =>
      `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${start}-${end}/${stats.size}\r\n\r\n`,
  );
  const tail = `\r\n--${boundary}--\r\n`;
  const length = ranges.reduce(
    (sum, { start, end }, index) => sum + (heads[index]?.length ?? 0) + end - start + 1,
    tail.length,
  );
  response.removeHeader('Content-Type');
  headers['Content-Type'] = `multipart/byteranges; boundary=${boundary}`;
  headers['Content-Length'] = length;
  if (options.headOnly) closeAfter(response.req, response);
  response.writeHead(206, headers);
  if (options.headOnly) {
    response.end();
    return;
  }
  for (const [index, range] of ranges.entries()) {
    response.write(heads[index]);
    if (body) response.write(body.subarray(range.start, range.end + 1));
    else if (!handle || !(await writeRange(response, handle, range, options.bufferSize ?? 65536, options.cache?.spare)))
      return;
  }
  response.end(tail);
}

async function sendListing(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  path: string,
  folder: string,
  showDotfiles: boolean,
): Promise<void> {
  const entries = await readListing(path, showDotfiles);
  const asJson = prefers(request.headers.accept, ['text/html', 'application/json']) === 'application/json';
  const body = Buffer.from(asJson ? JSON.stringify(entries) : encodeListing(entries, `/${folder}`));
  response.setHeader('Content-Type', asJson ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Vary', 'Accept');
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * To the address with a slash, below the prefix a trusted proxy took away; never to another host, however many slashes
 * the address begins with.
 */
function redirectToSlash(request: http.IncomingMessage, response: http.ServerResponse, url: string): void {
  const mark = url.indexOf('?');
  const path = (mark < 0 ? url : url.slice(0, mark)).replace(/^\/+/, '/');
  const prefix = request instanceof IncomingMessage ? request.exchange.forwarded.prefix.replace(/\/+$/, '') : '';
  const target = `${prefix}${path}/${mark < 0 ? '' : url.slice(mark)}`;
  const shown = escapeHtml(target);
  const body = `<!doctype html><html lang="en"><title>Redirecting</title><p>Redirecting to <a href="${shown}">${shown}</a></p></html>`;
  response.statusCode = 301;
  response.setHeader('Location', target);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', "default-src 'none'");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** An answer to GET without the announced bytes can only be the last of its connection. */
function closeAfter(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.method !== 'HEAD') response.setHeader('Connection', 'close');
}

/** A browser that wants a page, as against a script that wants data. */
function isPageRequest(request: http.IncomingMessage): boolean {
  const { accept } = request.headers;
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    accept !== undefined &&
    /text\/html|application\/xhtml\+xml/i.test(accept)
  );
}

/** Headers of a file that is not sent must not decorate its error. */
function cleared(response: http.ServerResponse, error: HttpError): HttpError {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  return error;
}
