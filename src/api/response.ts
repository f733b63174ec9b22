import { HttpError } from '../errors.js';
import { bytesOf } from '../exchange/payload.js';
import { type AnswerPlan, sendAnswer } from '../exchange/response-answer.js';
import { withCharset } from '../file/media-types.js';
import { type Answer, type ResponseOptions, planOf } from './answer.js';
import type { Request } from './request.js';

/** Text or bytes (API rows RS1–RS11). */
export class Response implements Answer {
  readonly request: Request;
  readonly #plan: AnswerPlan;

  /**
   * @param body a string (UTF-8) or bytes
   * @throws HttpError INVALID_PAYLOAD, INVALID_STATUS, INVALID_HEADER
   */
  constructor(request: Request, body: string | Uint8Array = '', options: ResponseOptions = {}) {
    if (typeof body !== 'string' && bytesOf(body) === undefined)
      throw new HttpError('INVALID_PAYLOAD', { message: `The body must be text or bytes, not ${typeof body}.` });
    this.request = request;
    const contentType = withCharset(request.server.mimeTypes.default);
    this.#plan = planOf(options, { mode: 'text', payload: body, contentType });
  }

  send(): unknown {
    return sendAnswer(this.request.response, this.#plan);
  }
}

/** Any JSON value as `application/json` (API row JR1). */
export class JSONResponse implements Answer {
  readonly request: Request;
  readonly #plan: AnswerPlan;

  constructor(request: Request, data: unknown, options: Omit<ResponseOptions, 'contentType'> = {}) {
    this.request = request;
    this.#plan = planOf(options, { mode: 'json', payload: data ?? null });
  }

  /** @throws HttpError INVALID_PAYLOAD for what has no JSON */
  send(): unknown {
    return sendAnswer(this.request.response, this.#plan);
  }
}

/** What a {@link Redirect} takes: a status, or what decides it (API row RD2). */
export interface RedirectOptions extends Omit<ResponseOptions, 'contentType'> {
  /** 301 instead of 302; with `preserveMethod` 308. */
  readonly permanent?: boolean;
  /** 307 instead of 302: the client repeats its method and body. */
  readonly preserveMethod?: boolean;
}

/**
 * Sends the client elsewhere (API rows RD1, RD2).
 *
 * **Security:** any address is a valid target. Check one that comes from a query.
 */
export class Redirect implements Answer {
  readonly request: Request;
  readonly #plan: AnswerPlan;

  constructor(request: Request, url: string, options: RedirectOptions = {}) {
    this.request = request;
    const { permanent = false, preserveMethod = false } = options;
    this.#plan = planOf(options, { mode: 'redirect', payload: undefined, redirectUrl: url, permanent, preserveMethod });
  }

  /** @throws HttpError INVALID_REDIRECT for a status with either flag, one outside 300–399, or no address */
  send(): unknown {
    return sendAnswer(this.request.response, this.#plan);
  }
}

/** Parts of a body: text, bytes, or (as JSON text) anything else; empty ones are skipped. */
export type Parts = Iterable<unknown> | AsyncIterable<unknown>;

/**
 * A body sent part by part, chunked, no faster than the client reads (API rows CR1–CR3). With the content type
 * `multipart/x-mixed-replace; boundary=…` it is a stream of camera pictures.
 */
export class ChunkedResponse implements Answer {
  readonly request: Request;
  readonly #plan: AnswerPlan;

  /** @param body a function that returns the parts (a generator function, say), or the parts */
  constructor(request: Request, body: (() => Parts) | Parts, options: ResponseOptions = {}) {
    this.request = request;
    const contentType = withCharset(request.server.mimeTypes.default);
    const parts = typeof body === 'function' ? body() : body;
    // A list is data elsewhere; here its elements are the parts.
    const payload = Array.isArray(parts) ? parts.values() : parts;
    this.#plan = planOf(options, { mode: 'text', payload, contentType });
  }

  /** @throws HttpError INVALID_PAYLOAD when the source fails: past the first byte the connection is cut */
  send(): unknown {
    return sendAnswer(this.request.response, this.#plan);
  }
}
