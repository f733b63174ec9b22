import { performance } from 'node:perf_hooks';
import type { SecretPlaces } from '../http/mask.js';
import type { Readable } from 'node:stream';
import type { BodyResult, ExchangeContext, Forwarded, RouteInfo } from './context.js';
import type { IncomingMessage } from './request.js';
import type { ServerResponse } from './response.js';
import type { PendingUpgrade } from './upgrade.js';

/** How an exchange ended, in the words of the API's poll results and the contract's `http-server-control`. */
export type ExchangeResult = 'response-sent' | 'no-response' | 'timed-out' | 'aborted' | 'rejected';

/** What is done when an exchange ends; a promise when that takes time. */
export type Cleanup = (() => void) | (() => Promise<void> | undefined);

/**
 * One request and its single answer: the state both share. Made once per request by the server; everything a flow
 * may never ask for (query, cookies, forwarded address) is worked out by the request's getters on first use.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The settings and services of the server as they were when the request arrived, or was handled once more. */
  context: ExchangeContext;
  /** When the request's head had arrived, in milliseconds of the server's monotonic clock. */
  readonly startedAt: number;
  /** When the message was handed to the flow (same clock); 0 before. The answer deadline counts from here. */
  emittedAt = 0;
  /** What the server watches: that the body it reads makes progress, or that the flow answers. */
  phase: 'reading' | 'waiting' | undefined = undefined;
  /** While the body arrives: the socket's bytes at the last look, and when they last grew (same clock). */
  bytesSeen = 0;
  progressAt = 0;
  /** Its neighbours among the server's open exchanges. */
  previous: Exchange | undefined = undefined;
  next: Exchange | undefined = undefined;
  /** What the ended exchange is reported as, when it is not simply an answer that was sent. */
  result: ExchangeResult | undefined;
  /** The pathname as sent, without the query. */
  path: string;
  /** The query as sent, without `?`; '' when there is none. */
  search: string;
  params: Record<string, string> = {};
  route: RouteInfo | undefined = undefined;
  user: unknown = undefined;
  /** What the server handed this exchange to; the engine only compares it. */
  entry: unknown = undefined;
  body: BodyResult | undefined = undefined;
  /** The body as a stream with a limit of its own; undefined: the request itself is the stream. */
  stream: Readable | undefined = undefined;
  /** The socket of an upgrade nobody has accepted or answered yet. */
  upgrade: PendingUpgrade | undefined = undefined;
  /** True for a preflight: its CORS headers are its own. */
  isPreflight = false;
  /** True once an error answer is written that only waits for the rest of the client's body. */
  refused = false;
  /** True while the client waits for `100 Continue` before it sends the body. */
  expectsContinue = false;
  /** Bytes the socket had read and written when this exchange began: what the access log counts from. */
  bytesReadBefore = 0;
  bytesWrittenBefore = 0;
  /** True once the exchange was reported as ended. */
  ended = false;
  readonly #began = performance.now();
  #forwarded: Forwarded | undefined;
  #secretPlaces: SecretPlaces | undefined;
  #cleanups: Cleanup[] | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, context: ExchangeContext) {
    this.request = request;
    this.response = response;
    this.context = context;
    this.startedAt = context.now();
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.search = mark < 0 ? '' : url.slice(mark + 1);
  }

  /** Who asks and how, seen through the proxies the server trusts. */
  get forwarded(): Forwarded {
    return (this.#forwarded ??= this.context.forwarded(this.request));
  }

  /** Milliseconds since the request's head had arrived. */
  elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Where this request carries secrets that somebody has checked; undefined when nobody has asked for any. */
  get secretPlaces(): SecretPlaces | undefined {
    return this.#secretPlaces;
  }

  /** Secrets in these places are masked wherever the request is shown: logs, Debug, messages of live clients. */
  addSecretPlaces(places: SecretPlaces): void {
    const known = this.#secretPlaces;
    this.#secretPlaces = known
      ? {
          cookies: new Set([...known.cookies, ...places.cookies]),
          query: new Set([...known.query, ...places.query]),
        }
      : places;
  }

  /** Runs `cleanup` when the exchange ends, however it ends: temporary files and the like. */
  onEnd(cleanup: Cleanup): void {
    if (this.ended) this.#clean(cleanup);
    else (this.#cleanups ??= []).push(cleanup);
  }

  /** The upgrade was accepted: its answer is the 101, and the connection is no exchange any more. */
  upgraded(): void {
    this.response.statusCode = 101;
    this.result = 'response-sent';
    this.#finish();
  }

  /** Reports the end of the exchange once: by a complete answer or because the client has left. */
  end(): void {
    if (this.ended) return;
    if (!this.response.writableEnded) {
      (this.request as { aborted: boolean }).aborted = true;
      this.result ??= 'aborted';
    }
    this.#finish();
  }

  #finish(): void {
    if (this.ended) return;
    this.ended = true;
    const cleanups = this.#cleanups;
    this.#cleanups = undefined;
    if (cleanups) for (const cleanup of cleanups) this.#clean(cleanup);
    this.context.ended(this);
  }

  #clean(cleanup: Cleanup): void {
    const work: unknown = cleanup();
    if (work instanceof Promise) this.context.finishing(work);
  }

  /** Writes `100 Continue` if the client waits for it; call right before the first read of the body (RFC 9110 10.1.1). */
  continueBody(): void {
    if (!this.expectsContinue) return;
    this.expectsContinue = false;
    if (!this.response.headersSent && !this.response.destroyed) this.response.writeContinue();
  }
}
