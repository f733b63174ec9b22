import http from 'node:http';
import { inspect } from 'node:util';
import type * as Express from './express-methods.js';
import type { FileOptions } from './express-methods.js';
import type { CookieOptions } from '../http/cookie.js';
import { HttpError } from '../errors.js';
import { lazily } from '../lazily.js';
import { isAnswered, isGone } from './claim.js';
import type { ExchangeContext, HeaderField } from './context.js';
import type { Exchange } from './exchange.js';
import { HeadDraft, type HeaderTarget } from './head-draft.js';
import type { IncomingMessage } from './request.js';

const express = lazily(() => require('./express-methods.js') as typeof Express);

type HeadArgument = string | http.OutgoingHttpHeaders | http.OutgoingHttpHeader[] | undefined;

/** Bytes of a body that is copied rather than written as a piece of its own. */
const smallBody = 12 * 1024;

/**
 * The response of an exchange: Node's own, plus the Express-shaped methods that core and contrib nodes call, and the
 * server's default headers on every head that is written. The class keeps Node's name because Debug knows only that.
 */
export class ServerResponse extends http.ServerResponse<IncomingMessage> {
  #prepared = false;

  get exchange(): Exchange {
    return this.req.exchange;
  }

  /** As Node's, with the default headers and those that are due by then. */
  override writeHead(status: number, reason?: HeadArgument, headers?: HeadArgument): this {
    const text = typeof reason === 'string' ? reason : undefined;
    let given = text === undefined ? (headers ?? reason) : headers;
    if (!this.#prepared) {
      this.#prepared = true;
      this.statusCode = status;
      const { context } = this.exchange;
      if (isHeaderMap(given) && this.getHeaderNames().length === 0 && addsToHead(context)) {
        const draft = new HeadDraft(given);
        context.beforeHead(this.exchange, draft);
        addDefaults(draft, context.defaultHeaders, undefined);
        given = draft.list as http.OutgoingHttpHeader[];
      } else {
        // What completes a head must see all of it; a head that nobody completes is handed on as it is.
        if (context.completesHead && isHeaderMap(given)) {
          for (const name in given) this.setHeader(name, given[name] ?? '');
          given = undefined;
        }
        context.beforeHead(this.exchange, this);
        addDefaults(this, context.defaultHeaders, given);
      }
    }
    return text === undefined
      ? super.writeHead(status, given as http.OutgoingHttpHeaders)
      : super.writeHead(status, text, given as http.OutgoingHttpHeaders);
  }

  /** Ends the response in one write to the socket. Its head must be written and announce the length of this body. */
  endWhole(body: string | Buffer): void {
    // Node would write the head with the body and then an empty end, and gather the pieces: a tenth of what a request costs.
    const unsent = this as unknown as { _header?: unknown; _headerSent?: unknown };
    const bytes = bytesAsText(body);
    // Whoever has taken over `end` must see the body.
    if (
      bytes !== undefined &&
      typeof unsent._header === 'string' &&
      unsent._headerSent === false &&
      !Object.hasOwn(this, 'end')
    ) {
      unsent._header += bytes;
      this.end();
    } else this.end(body);
  }

  /** Sets one header or several. @throws HttpError ALREADY_ANSWERED, INVALID_HEADER */
  set(name: string | Record<string, unknown>, value?: unknown): this {
    express().set(this, name, value);
    return this;
  }
  /** The same as {@link set}. */
  header(name: string | Record<string, unknown>, value?: unknown): this {
    return this.set(name, value);
  }
  /** A header that was set, any case. */
  get(name: string): number | string | string[] | undefined {
    return this.getHeader(name);
  }
  /** Adds a value to a header. */
  append(name: string, value: string | string[]): this {
    express().append(this, name, value);
    return this;
  }
  /** Sets the status code. */
  status(code: number): this {
    this.statusCode = code;
    return this;
  }
  /** Answers with a status and its reason phrase as text. */
  sendStatus(code: number): this {
    express().sendStatus(this, code);
    return this;
  }
  /** Sets the media type, by extension (`html`, `.png`) or whole. */
  type(type: string): this {
    express().type(this, type);
    return this;
  }
  /** The same as {@link type}. */
  contentType(type: string): this {
    return this.type(type);
  }
  /** Answers with text, a Buffer or (as JSON) anything else. */
  send(body?: unknown): this {
    express().send(this, body);
    return this;
  }
  /** Answers with JSON. */
  json(body: unknown): this {
    express().json(this, body);
    return this;
  }
  /** The same as {@link json}, always: a callback in the query is ignored. */
  jsonp(body: unknown): this {
    return this.json(body);
  }
  /** Adds a cookie. @throws HttpError INVALID_COOKIE */
  cookie(name: string, value: unknown, options?: CookieOptions): this {
    express().cookie(this, name, value, options);
    return this;
  }
  /** Deletes a cookie at the client. */
  clearCookie(name: string, options?: CookieOptions): this {
    express().clearCookie(this, name, options);
    return this;
  }
  /** Answers with a redirect; 302 when no status is given. */
  redirect(status: number | string, url?: string): void {
    express().redirect(this, status, url);
  }
  /** Sets `Location`. */
  location(url: string): this {
    return this.set('Location', url);
  }
  /** Names a request header that the answer depends on. */
  vary(field: string | string[]): this {
    express().vary(this, field);
    return this;
  }
  /** Marks the answer as a download. */
  attachment(filename?: string): this {
    express().attachment(this, filename);
    return this;
  }
  /** Answers with a file of the machine; errors go to `done`, else to the client as a status. */
  sendFile(path: string, options?: FileOptions | ((error?: Error) => void), done?: (error?: Error) => void): void {
    express().sendFile(this, path, options, done);
  }
  /** Answers with a file as a download. */
  download(path: string, name?: string, options?: FileOptions, done?: (error?: Error) => void): void {
    express().download(this, path, name, options, done);
  }

  /** What the console shows: as {@link toJSON}. */
  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }

  /** What Debug and `JSON.stringify` show: no sockets. */
  toJSON(): Record<string, unknown> {
    return { statusCode: this.statusCode, headersSent: this.headersSent, headers: this.getHeaders() };
  }

  /** Guard of every method that answers: one answer, and it may not have begun. */
  assertUnanswered(): void {
    if (isAnswered(this) && !isGone(this)) throw new HttpError('ALREADY_ANSWERED');
  }
}

/** A body as text of one character for each byte, as heads are written; undefined for what is dearer to turn into that. */
function bytesAsText(body: string | Buffer): string | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body) === body.length ? body : undefined;
  return body.length <= smallBody ? body.toString('latin1') : undefined;
}

function isHeaderMap(given: HeadArgument): given is http.OutgoingHttpHeaders {
  return typeof given === 'object' && !Array.isArray(given);
}

/** True when the server may have headers of its own for an answer. */
function addsToHead({ completesHead, defaultHeaders }: ExchangeContext): boolean {
  return completesHead || !Array.isArray(defaultHeaders) || defaultHeaders.length > 0;
}

function addDefaults(target: HeaderTarget, defaults: Iterable<HeaderField>, given: HeadArgument): void {
  for (const [name, value] of defaults) {
    if (target.getHeader(name) !== undefined || names(given, name)) continue;
    target.setHeader(name, value);
  }
}

/** True when the headers passed to `writeHead` (object, flat list or pairs) name this header. */
function names(given: HeadArgument, name: string): boolean {
  if (given === undefined || typeof given === 'string') return false;
  const wanted = name.toLowerCase();
  if (!Array.isArray(given)) return Object.keys(given).some((key) => key.toLowerCase() === wanted);
  return given.some((entry, index) =>
    Array.isArray(entry)
      ? entry[0]?.toLowerCase() === wanted
      : index % 2 === 0 && String(entry).toLowerCase() === wanted,
  );
}
