/** The answer of a message: everything `http-server-response` decides, for our own responses and Express's alike. */
import type http from 'node:http';
import type * as Cookies from '../http/cookie.js';
import type { CookieOptions } from '../http/cookie.js';
import { lazily } from '../lazily.js';
import { type Head, headerOf, parseStatus, prepareHead, removeHeader, sendWhole } from './answer.js';
import type * as Chunked from './chunked-answer.js';
import { claimAnswer, releaseAnswer } from './claim.js';
import { encodePayload, isStreamable } from './payload.js';
import type * as Redirects from './redirect.js';
import type { SharedAnswer } from './shared-answer.js';
import type * as Streams from './stream-answer.js';

const chunked = lazily(() => require('./chunked-answer.js') as typeof Chunked);
const cookies = lazily(() => require('../http/cookie.js') as typeof Cookies);
const redirects = lazily(() => require('./redirect.js') as typeof Redirects);
const streams = lazily(() => require('./stream-answer.js') as typeof Streams);

/** How an answer is made. Settings of a node, the values of its message where the node says nothing. */
export interface AnswerPlan {
  readonly mode: 'auto' | 'json' | 'text' | 'chunked' | 'redirect';
  readonly payload: unknown;
  readonly status: unknown;
  readonly reason: unknown;
  readonly headers: Record<string, unknown>;
  readonly cookies: Record<string, unknown>;
  readonly contentType: string | undefined;
  readonly redirectUrl: unknown;
  readonly permanent: boolean;
  readonly preserveMethod: boolean;
  /** The last message of a chunked answer. */
  readonly complete: boolean;
}

/**
 * Sends the answer.
 * @returns headers of the plan that were left out, for a warning; [] when nothing was, or the client had left
 * @throws HttpError ALREADY_ANSWERED, INVALID_STATUS, INVALID_HEADER, INVALID_COOKIE, INVALID_PAYLOAD, INVALID_REDIRECT,
 *   CLIENT_TOO_SLOW. Whatever is wrong with the plan is found before the response is touched.
 */
export function sendAnswer(
  response: http.ServerResponse,
  plan: AnswerPlan,
): readonly string[] | Promise<readonly string[]> {
  if (plan.mode === 'chunked') return sendChunk(response, plan);
  if (plan.mode === 'redirect') return sendRedirect(response, plan);
  if (isStreamable(plan.payload)) return sendParts(response, plan, plan.payload);
  const { body, contentType } = encodePayload(plan.payload, plan.mode);
  const head = headOf(plan, contentType);
  if (!claimAnswer(response)) return [];
  sendWhole(response, head, body);
  return head.dropped;
}

/**
 * Lets a request wait for the chunks of a shared answer; the head is that of the plan.
 * @returns headers of the plan that were left out
 * @throws HttpError as {@link sendAnswer}
 */
export function joinAnswer(response: http.ServerResponse, plan: AnswerPlan, shared: SharedAnswer): readonly string[] {
  const head = headOf(plan, 'text/plain; charset=utf-8');
  shared.join(response, head);
  return head.dropped;
}

async function sendParts(
  response: http.ServerResponse,
  plan: AnswerPlan,
  source: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<readonly string[]> {
  const head = headOf(
    plan,
    plan.mode === 'text'
      ? 'text/plain; charset=utf-8'
      : plan.mode === 'json'
        ? 'application/json; charset=utf-8'
        : 'application/octet-stream',
  );
  if (!claimAnswer(response)) return [];
  try {
    await streams().sendStream(response, head, source);
  } catch (error) {
    releaseAnswer(response);
    throw error;
  }
  return head.dropped;
}

async function sendChunk(response: http.ServerResponse, plan: AnswerPlan): Promise<readonly string[]> {
  let dropped: readonly string[] = [];
  const answer = chunked().ChunkedAnswer.of(response, () => {
    const head = headOf(plan, 'text/plain; charset=utf-8');
    dropped = head.dropped;
    return head;
  });
  await answer?.write(plan.payload, plan.complete);
  return dropped;
}

function sendRedirect(response: http.ServerResponse, plan: AnswerPlan): readonly string[] {
  const { permanent, preserveMethod } = plan;
  const { checkLocation, redirectStatus } = redirects();
  const status = redirectStatus({
    permanent,
    preserveMethod,
    status: plan.status === undefined ? undefined : parseStatus(plan.status),
  });
  const location = checkLocation(plan.redirectUrl);
  const head = headOf(
    { ...plan, status, headers: { ...without(plan.headers, 'location'), Location: location } },
    undefined,
  );
  if (!claimAnswer(response)) return [];
  sendWhole(response, head, undefined);
  return head.dropped;
}

/** The checked head of a plan; the plan's own media type wins over what the payload suggests. */
function headOf(plan: AnswerPlan, suggested: string | undefined): Head {
  const head = prepareHead(plan.status ?? 200, plan.reason, plan.headers);
  const { headers } = head;
  if (plan.contentType !== undefined) {
    removeHeader(headers, 'content-type');
    headers['Content-Type'] = plan.contentType;
  }
  const named = headerOf(headers, 'content-type');
  if (named === undefined && suggested !== undefined) headers['Content-Type'] = suggested;
  else if (typeof named === 'string') addCharset(headers, named);
  const type = headerOf(headers, 'content-type');
  if (
    typeof type === 'string' &&
    type.startsWith('application/json') &&
    headerOf(headers, 'x-content-type-options') === undefined
  )
    headers['X-Content-Type-Options'] = 'nosniff';
  const lines = Object.entries(plan.cookies).map(([name, value]) => cookieLine(name, value));
  if (lines.length > 0) {
    const manual = headerOf(headers, 'set-cookie');
    removeHeader(headers, 'set-cookie');
    headers['Set-Cookie'] = [...(manual === undefined ? [] : Array.isArray(manual) ? manual : [manual]), ...lines];
  }
  return head;
}

/** Express's habit: text without a charset is UTF-8. */
function addCharset(headers: Record<string, string | string[]>, type: string): void {
  if (!/^text\/[^;]+$|^application\/json$/i.test(type)) return;
  for (const name in headers) if (name.toLowerCase() === 'content-type') headers[name] = `${type}; charset=utf-8`;
}

function cookieLine(name: string, value: unknown): string {
  const { clearCookie, encodeCookie } = cookies();
  if (value === null || value === undefined) return clearCookie(name);
  if (typeof value !== 'object') return encodeCookie(name, String(value));
  const { value: text, ...options } = value as { value?: unknown } & CookieOptions;
  if (text === null || text === undefined) return clearCookie(name, options);
  return encodeCookie(name, typeof text === 'object' ? `j:${JSON.stringify(text)}` : String(text), options);
}

function without(headers: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}
