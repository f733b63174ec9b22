import { HttpError } from '../errors.js';
import { applyRoutes } from '../exchange/apply-routes.js';
import { isAnswered, isGone, releaseAnswer } from '../exchange/claim.js';
import { sendError } from '../exchange/error-answer.js';
import type { Exchange } from '../exchange/exchange.js';
import { answerUnmatched } from '../exchange/unmatched.js';
import type { Logger } from '../logger.js';
import { type RouteMatch, RouteTable } from '../routing/route-table.js';
import { type BodyOptions, type Entry, defaultBodyOptions } from '../server/entry.js';
import { uploadFolderOf, uploadFolders } from '../server/upload-folders.js';
import { isAnswer } from './answer.js';
import { Request } from './request.js';
import type { Route } from './route.js';
import type { Server } from './server.js';

/** A request nobody serves is answered without its body. */
const unread: BodyOptions = { ...defaultBodyOptions, mode: 'stream' };

/** The routes of a server and what leads requests to their handlers: one door for every method and path. */
export class Router {
  readonly #server: Server;
  readonly #logger: Logger;
  readonly #routes: Route[] = [];
  /** Made anew when routes were added. */
  #table: RouteTable<Route> | undefined;
  readonly #matches = new WeakMap<Exchange, RouteMatch<Route>>();

  constructor(server: Server, logger: Logger) {
    this.#server = server;
    this.#logger = logger;
  }

  /** The door. */
  get entry(): Entry {
    return {
      methods: [],
      path: '',
      access: undefined,
      order: 0,
      body: (exchange) => this.#bodyOf(exchange),
      handle: (exchange) => void this.#handle(exchange),
    };
  }

  add(routes: readonly Route[]): void {
    for (const { options } of routes) {
      const folder = uploadFolderOf({ ...defaultBodyOptions, ...options });
      if (folder !== '') void uploadFolders.open(folder);
    }
    this.#routes.push(...routes);
    this.#table = undefined;
  }

  /** Finds the route before the body is read: it says how. */
  #bodyOf(exchange: Exchange): BodyOptions {
    this.#table ??= new RouteTable(
      this.#routes.map((route) => ({
        methods: [...route.methods],
        path: route.path,
        appendSlash: route.options.appendSlash,
        value: route,
      })),
    );
    const match = applyRoutes(this.#table, exchange.request);
    this.#matches.set(exchange, match);
    if (match.kind !== 'match') return unread;
    const isUpload = /^multipart\//i.test(exchange.request.headers['content-type'] ?? '');
    return { ...defaultBodyOptions, rawBody: !isUpload, ...match.value.options };
  }

  async #handle(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const match = this.#matches.get(exchange) ?? { kind: 'none' as const };
    try {
      if (match.kind !== 'match') {
        await answerUnmatched(request, response, match, true);
        return;
      }
      const route = match.value;
      const answer = await route.handler(new Request(this.#server, request), exchange.params);
      if (isAnswer(answer)) await answer.send();
      else if (answer !== undefined || !(isAnswered(response) || isGone(response))) {
        exchange.result = 'no-response';
        throw new HttpError('NO_RESPONSE', { message: `The handler of ${String(route)} returned no response.` });
      }
    } catch (error) {
      this.#refuse(exchange, error);
    }
  }

  #refuse({ response }: Exchange, error: unknown): void {
    const isOurs = error instanceof HttpError;
    let id = '';
    if (response.headersSent) {
      // The client must not take a part for the whole.
      if (!response.writableEnded) response.destroy();
    } else {
      releaseAnswer(response);
      id = sendError(response, error, { force: true });
    }
    if (isOurs && error.status < 500) return;
    const text = error instanceof Error ? (isOurs ? error.message : (error.stack ?? error.message)) : String(error);
    this.#logger.error(id ? `Request ${id} failed: ${text}` : `A request failed: ${text}`);
  }
}
