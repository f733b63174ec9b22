import type http from 'node:http';
import { HttpError } from '../errors.js';
import { appendVary } from '../http/header.js';
import type { CorsSettings } from './settings.js';

const defaultMethods = 'GET, HEAD, PUT, PATCH, POST, DELETE';

/**
 * Cross-origin rules of a server (WHATWG Fetch, CORS protocol).
 *
 * **Security:** an origin is compared whole; `null` is allowed only when listed; "*" never comes with credentials.
 */
export class Cors {
  readonly #settings: CorsSettings;
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];
  readonly #any: boolean;

  /** @throws HttpError INVALID_SETTING for a `/pattern/` that is none */
  constructor(settings: CorsSettings) {
    this.#settings = settings;
    const patterns = settings.origins.filter(
      (origin) => origin.length > 2 && origin.startsWith('/') && origin.endsWith('/'),
    );
    this.#patterns = patterns.map(patternOf);
    this.#exact = new Set(settings.origins.filter((origin) => !patterns.includes(origin)));
    this.#any = this.#exact.has('*');
  }

  /** True when no origin is configured: nothing is ever added. */
  get off(): boolean {
    return this.#settings.origins.length === 0;
  }

  /** True for a preflight: OPTIONS with Origin and Access-Control-Request-Method. */
  static isPreflight(request: http.IncomingMessage): boolean {
    return (
      request.method === 'OPTIONS' &&
      request.headers.origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined
    );
  }

  /** Adds the headers of an actual response. `Vary` is set for same-origin requests too: caches see both. */
  addHeaders(request: http.IncomingMessage, response: http.ServerResponse): void {
    const allowed = this.#allowed(request.headers.origin);
    if (!(this.#any && !this.#settings.credentials)) vary(response, 'Origin');
    if (allowed === undefined) return;
    response.setHeader('Access-Control-Allow-Origin', allowed);
    if (this.#settings.credentials && allowed !== '*') response.setHeader('Access-Control-Allow-Credentials', 'true');
    if (this.#settings.exposeHeaders.length > 0)
      response.setHeader('Access-Control-Expose-Headers', this.#settings.exposeHeaders.join(', '));
  }

  /** Answers a preflight: always 204, without CORS headers for a foreign origin. */
  answerPreflight(request: http.IncomingMessage, response: http.ServerResponse): void {
    response.statusCode = 204;
    this.addHeaders(request, response);
    vary(response, 'Access-Control-Request-Method');
    vary(response, 'Access-Control-Request-Headers');
    if (this.#allowed(request.headers.origin) !== undefined) {
      const asked = request.headers['access-control-request-headers'];
      const allowHeaders = this.#settings.allowHeaders.length > 0 ? this.#settings.allowHeaders.join(', ') : asked;
      response.setHeader('Access-Control-Allow-Methods', this.#settings.methods.join(', ') || defaultMethods);
      if (allowHeaders) response.setHeader('Access-Control-Allow-Headers', allowHeaders);
      response.setHeader('Access-Control-Max-Age', String(this.#settings.maxAge));
    }
    response.end();
  }

  #allowed(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    if (this.#any) return this.#settings.credentials ? undefined : '*';
    if (this.#exact.has(origin)) return origin;
    return this.#patterns.some((pattern) => pattern.test(origin)) ? origin : undefined;
  }
}

function vary(response: http.ServerResponse, field: string): void {
  response.setHeader('Vary', appendVary(String(response.getHeader('Vary') ?? ''), field));
}

function patternOf(origin: string): RegExp {
  try {
    return new RegExp(`^(?:${origin.slice(1, -1)})$`);
  } catch (cause) {
    throw new HttpError('INVALID_SETTING', { message: `cors: ${(cause as Error).message}`, cause });
  }
}
