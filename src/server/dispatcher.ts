import type { Socket } from 'node:net';
import type { AccessCheck } from '../auth/access.js';
import type { Lockout } from '../auth/lockout.js';
import type { BodyBudget } from '../body/body-budget.js';
import { HttpError } from '../errors.js';
import type { ExchangeContext } from '../exchange/context.js';
import type * as Compression from '../exchange/compression.js';
import { sendError, toHttpError } from '../exchange/error-answer.js';
import { isAnswered, isWrittenInParts } from '../exchange/claim.js';
import { Exchange } from '../exchange/exchange.js';
import { answerUnmatched } from '../exchange/unmatched.js';
import type { IncomingMessage } from '../exchange/request.js';
import type { ServerResponse } from '../exchange/response.js';
import { PendingUpgrade } from '../exchange/upgrade.js';
import { prepareHead, sendWhole } from '../exchange/answer.js';
import { lazily } from '../lazily.js';
import type { EntryTable } from '../routing/entry-table.js';
import type * as Admission from './admit-request.js';
import { hasBody, receiveBody, streamBody } from './body-intake.js';
import type * as ClientCertificates from './client-certificate.js';
import type { Connection, Connections } from './connections.js';
import type { Cors } from './cors.js';
import type { Entry } from './entry.js';
import type { InFlight } from './in-flight.js';
import { allowedMethods, checkHead, methodError } from './request-checks.js';
import type { ServerSettings } from './settings.js';

const compression = lazily(() => require('../exchange/compression.js') as typeof Compression);
const clientCertificates = lazily(() => require('./client-certificate.js') as typeof ClientCertificates);
const admission = lazily(() => require('./admit-request.js') as typeof Admission);

/** What the dispatcher works with; the server replaces the settings-born parts when settings change. */
export interface DispatcherParts {
  settings: ServerSettings;
  cors: Cors | undefined;
  access: AccessCheck | undefined;
  context: ExchangeContext;
  readonly entries: EntryTable<Entry>;
  readonly inFlight: InFlight;
  readonly connections: Connections;
  readonly budget: BodyBudget;
  readonly lockout: () => Lockout;
}

/** How much of the flows a deploy has replaced. */
export type DeployScope = 'full' | 'flows' | 'nodes';

/** How a request came in. */
export interface Arrival {
  readonly expectsContinue?: boolean;
  readonly badExpectation?: boolean;
  readonly upgrade?: { readonly socket: Socket; readonly head: Buffer };
}

/** Leads each request through the server's own checks to the entry that serves it: the lifecycle of an exchange. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** While the flows restart: what waits for them. */
  #held: Exchange[] | undefined;
  /** Entries that were closed while the flows restart. */
  #gone = new Set<unknown>();
  /** All entries that were closed: a body that arrives for one of them is another one's. */
  readonly #closed = new WeakSet<Entry>();
  /** While the server drains: the answer to every request. */
  #refusal: HttpError | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Takes a request from Node's server. Never throws. */
  receive(request: IncomingMessage, response: ServerResponse, arrival: Arrival): void {
    const parts = this.#parts;
    const connection = parts.connections.of(request.socket);
    if (!connection || isBeyond(connection, response, parts.settings.limits.maxRequestsPerSocket)) {
      parts.connections.passOver(request.socket);
      return;
    }
    const exchange = new Exchange(request, response, parts.context);
    request.exchange = exchange;
    exchange.expectsContinue = arrival.expectsContinue === true;
    parts.connections.began(connection, exchange);
    exchange.bytesReadBefore = connection.bytesCounted;
    exchange.bytesWrittenBefore = request.socket.bytesWritten;
    parts.inFlight.begin(exchange);
    response.on('close', endExchange);
    request.upgrade = arrival.upgrade !== undefined;
    try {
      if (arrival.upgrade)
        exchange.upgrade = new PendingUpgrade(
          exchange,
          arrival.upgrade.socket,
          arrival.upgrade.head,
          parts.settings.limits.maxEarlyData,
        );
      if (parts.settings.compression && !request.upgrade) compression().compressAnswer(response);
      try {
        checkHead(exchange, parts.settings);
      } catch (error) {
        // What comes behind a malformed head cannot be trusted to be a request (RFC 9112 2.2).
        response.shouldKeepAlive = false;
        connection.closing = true;
        throw error;
      }
      if (this.#refusal) {
        response.shouldKeepAlive = false;
        throw this.#refusal;
      }
      if (parts.settings.clientCert !== 'off') this.#identify(exchange, connection);
      if (arrival.badExpectation) throw new HttpError('EXPECTATION_FAILED');
      const refused = methodError(request.method ?? '');
      if (refused) throw refused;
      if (parts.cors?.isPreflight(request)) {
        exchange.isPreflight = true;
        parts.cors.answerPreflight(request, response);
        return;
      }
      if (parts.connections.linesUp(connection, parts.settings.limits, () => this.#reroute(exchange))) return;
      if (this.#held) this.#wait(exchange);
      else this.#route(exchange);
    } catch (error) {
      this.refuse(exchange, error);
    }
  }

  /** Queues what arrives from now on: the flows restart. */
  hold(): void {
    this.#held ??= [];
  }

  /**
   * Serves what was queued, in order, and all that comes after. What the old flows left unanswered is handled once more
   * or refused, and an answer their messages wrote in parts is cut: nobody will write the rest.
   */
  release(scope: DeployScope): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    const gone = this.#gone;
    this.#gone = new Set();
    if (scope !== 'nodes') {
      const { inFlight } = this.#parts;
      const isLost = (exchange: Exchange): boolean => scope === 'full' || gone.has(exchange.entry);
      for (const exchange of [...inFlight.open])
        if (isLost(exchange) && isWrittenInParts(exchange.response)) exchange.response.destroy();
      for (const exchange of [...inFlight.unanswered]) if (isLost(exchange)) this.#repeat(exchange);
    }
    for (const exchange of held) this.#reroute(exchange);
  }

  /** An entry is closed: requests it has handed out may be repeated by the flow that comes. */
  forget(entry: Entry): void {
    this.#closed.add(entry);
    if (this.#held) this.#gone.add(entry);
  }

  /** Refuses what is queued and all that comes, until {@link open}: the server drains. */
  close(refusal: HttpError): void {
    this.#refusal = refusal;
    const held = this.#held;
    if (!held) return;
    this.#held = [];
    for (const exchange of held) this.refuse(exchange, refusal);
  }

  /** Takes requests again. */
  open(): void {
    this.#refusal = undefined;
  }

  #repeat(exchange: Exchange): void {
    const { response, request } = exchange;
    if (isAnswered(response)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS') {
      this.refuse(exchange, tryAgain());
      return;
    }
    // What the old flow has prepared for its answer, and whom it has let in, is not the new one's.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusCode = 200;
    exchange.user = undefined;
    exchange.route = undefined;
    exchange.params = {};
    this.#reroute(exchange);
  }

  /** Handles a request (again) from the choice of its entry on, with the settings of now. */
  #reroute(exchange: Exchange): void {
    if (exchange.ended || exchange.response.headersSent) return;
    exchange.context = this.#parts.context;
    try {
      if (this.#held) this.#wait(exchange);
      else this.#route(exchange);
    } catch (error) {
      this.refuse(exchange, error);
    }
  }

  /** Answers with an error on behalf of the server. */
  refuse(exchange: Exchange, thrown: unknown): void {
    const { context } = this.#parts;
    const error = toHttpError(thrown);
    const id = sendError(exchange.response, error);
    if (id)
      context.logger.error(
        `Request ${id} failed: ${error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : error.message}`,
      );
  }

  /** Notes who the client certificate names. A connection from before it was required ends here. */
  #identify(exchange: Exchange, connection: Connection): void {
    if (connection.user === undefined)
      connection.user = clientCertificates().certificateUser(connection.socket) ?? null;
    if (connection.user) exchange.user = connection.user;
    else if (this.#parts.settings.clientCert === 'require') {
      exchange.response.shouldKeepAlive = false;
      throw new HttpError('CERTIFICATE_REQUIRED');
    }
  }

  #wait(exchange: Exchange): void {
    const { limits } = this.#parts.settings;
    if ((this.#held?.length ?? 0) >= limits.maxQueued)
      throw new HttpError('OVERLOADED', { headers: { 'Retry-After': '1' } });
    this.#parts.inFlight.queued(exchange);
    this.#held?.push(exchange);
  }

  #route(exchange: Exchange): void {
    const { request } = exchange;
    const parts = this.#parts;
    const match =
      request.url === '*'
        ? ({ kind: 'options', allow: [...allowedMethods] } as const)
        : parts.entries.match(request.method ?? '', exchange.path, { upgrade: request.upgrade });
    const access = match.kind === 'match' && match.value.access ? match.value.access : parts.access;
    if (!access) {
      this.#serve(exchange, match);
      return;
    }
    // Whatever stands against it: an answer before a byte of the body is read.
    exchange.result = 'rejected';
    const admitted = admission().admitRequest(request, access, parts.lockout);
    const enter = (): void => {
      exchange.result = undefined;
      if (this.#held) this.#wait(exchange);
      else if (match.kind === 'match' && this.#closed.has(match.value)) this.#reroute(exchange);
      else this.#serve(exchange, match);
    };
    if (!(admitted instanceof Promise)) {
      enter();
      return;
    }
    admitted.then(enter).catch((error: unknown) => this.refuse(exchange, error));
  }

  #serve(exchange: Exchange, match: EntryMatch): void {
    const { request } = exchange;
    if (match.kind === 'match') {
      exchange.params = match.params;
      exchange.route = { path: match.value.path || '*', methods: match.flags };
      this.#intake(exchange, match.value);
      return;
    }
    if (match.kind === 'options') {
      sendWhole(exchange.response, prepareHead(204, undefined, { Allow: match.allow.join(', ') }), undefined);
      return;
    }
    answerUnmatched(request, exchange.response, match, true).catch((error: unknown) => this.refuse(exchange, error));
  }

  #intake(exchange: Exchange, entry: Entry): void {
    const { settings, inFlight, budget, context } = this.#parts;
    const body = typeof entry.body === 'function' ? entry.body(exchange) : entry.body;
    exchange.entry = entry;
    if (hasBody(exchange) && exchange.request.readableDidRead) {
      // The request waited for the flows with its body: what was read stays, a stream cannot be read again.
      if (exchange.body === undefined || body.mode === 'stream') throw tryAgain();
      this.#emit(exchange, entry);
      return;
    }
    if (hasBody(exchange)) inFlight.receives(exchange, context.now());
    if (body.mode === 'stream') {
      streamBody(exchange, body, (error) => this.refuse(exchange, error));
      this.#emit(exchange, entry);
      return;
    }
    const intake = receiveBody(exchange, body, settings.limits, budget);
    if (intake === undefined) {
      this.#emit(exchange, entry);
      return;
    }
    inFlight.reads(exchange);
    context.finishing(intake);
    intake.then(
      () => {
        if (!exchange.ended && !exchange.response.headersSent) this.#emitRead(exchange, entry);
      },
      (error: unknown) => this.refuse(exchange, error),
    );
  }

  /** The body is there: to the flow, into the queue while the flows restart, to the new flow when they have. */
  #emitRead(exchange: Exchange, entry: Entry): void {
    try {
      if (this.#held) this.#wait(exchange);
      else if (this.#closed.has(entry)) this.#reroute(exchange);
      else this.#emit(exchange, entry);
    } catch (error) {
      this.refuse(exchange, error);
    }
  }

  #emit(exchange: Exchange, entry: Entry): void {
    const { inFlight, context } = this.#parts;
    exchange.entry = entry;
    inFlight.waits(exchange, context.now());
    entry.handle(exchange);
  }
}

type EntryMatch =
  ReturnType<EntryTable<Entry>['match']> | { readonly kind: 'options'; readonly allow: readonly string[] };

function endExchange(this: ServerResponse): void {
  this.req.exchange.end();
}

/** Counts a request of a connection. @returns true when the answer before it closes the connection */
function isBeyond(connection: Connection, response: ServerResponse, most: number): boolean {
  if (connection.closing) return true;
  connection.requests += 1;
  if (most > 0 && connection.requests >= most) {
    connection.closing = true;
    response.shouldKeepAlive = false;
  }
  return false;
}

function tryAgain(): HttpError {
  return new HttpError('SHUTTING_DOWN', { headers: { 'Retry-After': '1' } });
}
