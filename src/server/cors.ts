import type http from 'node:http';
import { HttpError } from '../errors.js';
import type { HeaderTarget } from '../exchange/head-draft.js';
import { appendVary } from '../http/header.js';
import type { CorsSettings } from './settings.js';

const defaultMethods = 'GET, HEAD, PUT, PATCH, POST, DELETE';

/**
 * Cross-origin rules of a server (WHATWG Fetch, CORS protocol).
 *
 * **Security:** an origin is compared whole, a pattern must match all of it; `null`, which any sandboxed page sends, is
 * allowed only when listed by name, and "*" never comes with credentials: an origin that is to have them is listed.
 */
export class Cors {
  readonly #settings: CorsSettings;
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];
  readonly #isAny: boolean;

  /** @throws HttpError INVALID_SETTING for a `/pattern/` that is none */
  constructor(settings: CorsSettings) {
    this.#settings = settings;
    const patterns = settings.origins.filter(
      (origin) => origin.length > 2 && origin.startsWith('/') && origin.endsWith('/'),
    );
    this.#patterns = patterns.map(patternOf);
    this.#exact = new Set(settings.origins.filter((origin) => origin !== '*' && !patterns.includes(origin)));
    this.#isAny = settings.origins.includes('*');
  }

  /** True for a preflight: OPTIONS with Origin and Access-Control-Request-Method. */
  isPreflight(request: http.IncomingMessage): boolean {
    return (
      request.method === 'OPTIONS' &&
      request.headers.origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined
    );
  }

  /**
   * Adds the headers of an actual response, unless the flow has set them. `Vary` is set for same-origin requests too:
   * caches see both.
   */
  addHeaders(request: http.IncomingMessage, head: HeaderTarget): void {
    if (head.getHeader('Access-Control-Allow-Origin') !== undefined) return;
    if (!this.#allow(request, head)) return;
    if (this.#settings.exposeHeaders.length > 0)
      head.setHeader('Access-Control-Expose-Headers', this.#settings.exposeHeaders.join(', '));
  }

  /** Answers a preflight: always 204, without CORS headers for a foreign origin. */
  answerPreflight(request: http.IncomingMessage, response: http.ServerResponse): void {
    response.statusCode = 204;
    if (this.#allow(request, response)) {
      const asked = request.headers['access-control-request-headers'];
      const allowHeaders = this.#settings.allowHeaders.length > 0 ? this.#settings.allowHeaders.join(', ') : asked;
      response.setHeader('Access-Control-Allow-Methods', this.#settings.methods.join(', ') || defaultMethods);
      if (allowHeaders) response.setHeader('Access-Control-Allow-Headers', allowHeaders);
      response.setHeader('Access-Control-Max-Age', String(this.#settings.maxAge));
    }
    vary(response, 'Access-Control-Request-Method');
    vary(response, 'Access-Control-Request-Headers');
    response.end();
  }

  /** Says whether the origin of a request may read the answer. */
  #allow(request: http.IncomingMessage, head: HeaderTarget): boolean {
    const { origin } = request.headers;
    const isListed = origin !== undefined && this.#isListed(origin);
    // Every origin gets the same answer only where none is listed beside "*".
    if (!this.#isAny || this.#exact.size > 0 || this.#patterns.length > 0) vary(head, 'Origin');
    if (origin === undefined || !(isListed || this.#isAny)) return false;
    const needsOwn = isListed && this.#settings.credentials;
    head.setHeader('Access-Control-Allow-Origin', this.#isAny && !needsOwn ? '*' : origin);
    if (needsOwn) head.setHeader('Access-Control-Allow-Credentials', 'true');
    return true;
  }

  #isListed(origin: string): boolean {
    return this.#exact.has(origin) || (origin !== 'null' && this.#patterns.some((pattern) => pattern.test(origin)));
  }
}

function vary(head: HeaderTarget, field: string): void {
  head.setHeader('Vary', appendVary(String(head.getHeader('Vary') ?? ''), field));
}

function patternOf(origin: string): RegExp {
  try {
    return new RegExp(`^(?:${origin.slice(1, -1)})$`);
  } catch (cause) {
    throw new HttpError('INVALID_SETTING', { message: `cors: ${(cause as Error).message}`, cause });
  }
}
