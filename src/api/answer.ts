import type { AnswerPlan } from '../exchange/response-answer.js';
import type { CookieOptions } from '../http/cookie.js';
import { Headers } from '../http/headers.js';
import { Status } from '../http/status.js';
import type { Request } from './request.js';

/** What a handler may return: anything that can send itself. Your own response classes need no more than this. */
export interface Answer {
  /** Sends the answer of its request. @throws HttpError: nothing was sent, the server answers with its status */
  send(): unknown;
}

/** A code, a code with its own reason phrase, or a {@link Status} (API row RS2). */
export type StatusLike = number | readonly [code: number, text: string] | Status;

/** A value, or one with attributes (decision D16); null deletes the cookie. */
export type CookieValue = string | number | boolean | ({ readonly value: string } & CookieOptions) | null;

/** Lines of `Name: value`, headers, or an object; a list is several lines of that name, null or undefined none (RS8). */
export type ResponseHeaders =
  string | Headers | Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** What every response takes besides its body (API rows RS1–RS6). */
export interface ResponseOptions {
  /** 200 unless said. */
  readonly status?: StatusLike;
  /** Win over `contentType`, which wins over the server's default headers (API row RS5). */
  readonly headers?: ResponseHeaders;
  /** `Path=/` unless said; values are percent-encoded. */
  readonly cookies?: Readonly<Record<string, CookieValue>>;
  readonly contentType?: string;
}

/** The plan of an answer in the engine's terms. */
export function planOf(
  options: ResponseOptions,
  plan: Pick<AnswerPlan, 'mode' | 'payload'> & Partial<AnswerPlan>,
): AnswerPlan {
  const { code, text } = readStatus(options.status);
  const headers = headersOf(options.headers);
  const isNamed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    status: code,
    reason: text,
    headers,
    cookies: options.cookies ?? {},
    redirectUrl: undefined,
    permanent: false,
    preserveMethod: false,
    complete: true,
    ...plan,
    contentType: isNamed ? undefined : (options.contentType ?? plan.contentType),
  };
}

/** Code and reason phrase; undefined stands for the default of each. */
export function readStatus(status: StatusLike | undefined): {
  code: number | undefined;
  text: string | undefined;
} {
  if (status === undefined) return { code: undefined, text: undefined };
  if (typeof status === 'number') return { code: status, text: undefined };
  if (status instanceof Status) return { code: status.code, text: status.text };
  return { code: status[0], text: status[1] };
}

/** Headers as a plain object. @throws HttpError INVALID_HEADER */
export function headersOf(headers: ResponseHeaders | undefined): Record<string, unknown> {
  if (typeof headers === 'string') return new Headers(headers).toJSON();
  if (headers instanceof Headers) return headers.toJSON();
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([, value]) => value != null));
}

/** The head an upgrade or event stream gets from the handler: headers and Set-Cookie lines, on the live response. */
export interface StreamOptions {
  readonly headers?: ResponseHeaders | undefined;
  readonly cookies?: Readonly<Record<string, CookieValue>> | undefined;
}

/** Anything but this is no answer of a handler. */
export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && typeof (value as { send?: unknown }).send === 'function';
}

/** Sets headers and cookies on the response of a stream before it begins. @throws HttpError INVALID_HEADER, INVALID_COOKIE */
export function setHead(request: Request, { headers, cookies = {} }: StreamOptions): void {
  const { response } = request;
  response.set(headersOf(headers));
  for (const [name, cookie] of Object.entries(cookies)) {
    if (cookie === null) response.clearCookie(name);
    else if (typeof cookie === 'object') response.cookie(name, cookie.value, cookie);
    else response.cookie(name, cookie);
  }
}
