import http from 'node:http';
import { inspect } from 'node:util';
import type * as Cookies from '../http/cookie.js';
import type * as Forms from '../http/form-data.js';
import type { FormData } from '../http/form-data.js';
import type * as HeaderFields from '../http/headers.js';
import type { Headers } from '../http/headers.js';
import { maskHeaders, maskUrl, maskValues } from '../http/mask.js';
import { parseQuery } from '../http/query.js';
import type * as Queries from '../http/query-params.js';
import type { QueryParams } from '../http/query-params.js';
import { lazily } from '../lazily.js';
import type { RouteInfo } from './context.js';
import type { Exchange } from './exchange.js';

const cookies = lazily(() => require('../http/cookie.js') as typeof Cookies);
const forms = lazily(() => require('../http/form-data.js') as typeof Forms);
const headerFields = lazily(() => require('../http/headers.js') as typeof HeaderFields);
const queries = lazily(() => require('../http/query-params.js') as typeof Queries);

/** The properties a Debug node, `JSON.stringify` and the contract know of a request, in this order. */
const shown = [
  'method',
  'url',
  'originalUrl',
  'path',
  'headers',
  'query',
  'params',
  'cookies',
  'body',
  'files',
  'ip',
  'ips',
  'hostname',
  'protocol',
  'secure',
  'route',
  'user',
  'upgrade',
] as const;

/**
 * The request of an exchange: Node's own, plus Express-shaped properties that are worked out on first use and may be
 * assigned. The class keeps Node's name because Debug knows only that one.
 */
export class IncomingMessage extends http.IncomingMessage {
  /** The exchange this request belongs to; set by the server before anyone else sees the request. */
  declare exchange: Exchange;
  /** True for a WebSocket upgrade that nobody has accepted yet. */
  declare upgrade: boolean;
  #query: Record<string, string | string[]> | undefined;
  #cookies: Record<string, string> | undefined;
  #containers: { query?: QueryParams; form?: FormData; headers?: Headers } | undefined;

  /** The request target as the client sent it (after an absolute-form target lost its origin). */
  get originalUrl(): string {
    return this.url ?? '/';
  }

  /** Always '': there is no mount point (Express's `req.baseUrl`). */
  get baseUrl(): string {
    return '';
  }

  /** Pathname as sent: no query, no decoding. */
  get path(): string {
    return this.exchange.path;
  }
  set path(value: string) {
    this.exchange.path = value;
  }

  /**
   * The query as a plain object; a repeated name is an array.
   * @throws HttpError TOO_MANY_PARAMETERS
   */
  get query(): Record<string, string | string[]> {
    return (this.#query ??= parseQuery(this.exchange.search, this.exchange.context.maxParameters));
  }
  set query(value: Record<string, string | string[]>) {
    this.#query = value;
  }

  /** Values of the path pattern by name; wildcards under "0", "1"… */
  get params(): Record<string, string> {
    return this.exchange.params;
  }
  set params(value: Record<string, string>) {
    this.exchange.params = value;
  }

  /** Cookies of the request, percent-decoded; the last duplicate wins (API row RQ12). */
  get cookies(): Record<string, string> {
    return (this.#cookies ??= cookies().parseCookies(this.headers.cookie));
  }
  set cookies(value: Record<string, string>) {
    this.#cookies = value;
  }

  /** The parsed body; undefined where the request carries none or it is a stream. */
  get body(): unknown {
    return this.exchange.body?.value;
  }
  set body(value: unknown) {
    this.exchange.body = { ...this.exchange.body, value };
  }

  /** The bytes of the body when `rawBody` is on. */
  get rawBody(): Buffer | undefined {
    return this.exchange.body?.raw;
  }
  set rawBody(value: Buffer | undefined) {
    this.exchange.body = { value: undefined, ...this.exchange.body, raw: value };
  }

  /** Uploaded files; undefined when the body was not multipart. */
  get files(): unknown[] | undefined {
    return this.exchange.body?.files;
  }
  set files(value: unknown[] | undefined) {
    this.exchange.body = { value: undefined, ...this.exchange.body, files: value };
  }

  get route(): RouteInfo | undefined {
    return this.exchange.route;
  }
  set route(value: RouteInfo | undefined) {
    this.exchange.route = value;
  }

  /** Who was let in: `{name, scheme, claims?}`; undefined without a check. */
  get user(): unknown {
    return this.exchange.user;
  }
  set user(value: unknown) {
    this.exchange.user = value;
  }

  /** Address of the client, seen through trusted proxies. */
  get ip(): string {
    return this.exchange.forwarded.ip;
  }
  get ips(): readonly string[] {
    return this.exchange.forwarded.ips;
  }
  /** Host name without port; an IPv6 literal keeps its brackets. */
  get hostname(): string {
    return this.exchange.forwarded.host.replace(/:\d*$/, '');
  }
  get protocol(): 'http' | 'https' {
    return this.exchange.forwarded.protocol;
  }
  get secure(): boolean {
    return this.exchange.forwarded.protocol === 'https';
  }
  /** True when a script made the request with `X-Requested-With: XMLHttpRequest` (Express's `req.xhr`). */
  get xhr(): boolean {
    return this.headers['x-requested-with']?.toString().toLowerCase() === 'xmlhttprequest';
  }

  /** `[ip, port]` of the peer that holds the connection (API row RQ4). */
  get clientAddress(): [string, number] {
    return [this.socket.remoteAddress ?? '', this.socket.remotePort ?? 0];
  }

  /** The query as the API's field container: HTML-escaping `get` and `getList` (API rows FS1–FS9, QP1–QP5). */
  get queryParams(): QueryParams {
    this.#containers ??= {};
    return (this.#containers.query ??= new (queries().QueryParams)(this.exchange.search));
  }

  /** The form as the API's field container, with `files` (API rows FD1–FD13). Empty when the body is no form. */
  get formData(): FormData {
    this.#containers ??= {};
    return (this.#containers.form ??= forms().FormData.fromBody(this.exchange.body, this.headers['content-type']));
  }

  /** The headers as the API's field container, duplicates kept (API rows HD1–HD15). */
  get headerFields(): Headers {
    this.#containers ??= {};
    return (this.#containers.headers ??= headerFields().Headers.fromRaw(this.rawHeaders));
  }

  /** A header in any case; `referer` and `referrer` are the same (Express). */
  get(name: string): string | string[] | undefined {
    const key = name.toLowerCase();
    if (key === 'referer' || key === 'referrer') return this.headers.referrer ?? this.headers.referer;
    return this.headers[key];
  }

  /** The same as {@link get}. */
  header(name: string): string | string[] | undefined {
    return this.get(name);
  }

  override _read(size: number): void {
    this.exchange.continueBody();
    super._read(size);
  }

  /** What the console shows: as {@link toJSON}. */
  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }

  /** What Debug and `JSON.stringify` show: the contract's list, no sockets, and no secret that somebody has checked. */
  toJSON(): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const name of shown) {
      try {
        out[name] = this[name];
      } catch {
        out[name] = undefined;
      }
    }
    const places = this.exchange.secretPlaces;
    if (!places) return out;
    const query = out['query'] as object | undefined;
    return {
      ...out,
      url: maskUrl(this.url ?? '', places.query),
      originalUrl: maskUrl(this.originalUrl, places.query),
      headers: maskHeaders(this.headers, places),
      query: query && maskValues(query, places.query),
      cookies: maskValues(this.cookies, places.cookies),
    };
  }
}
