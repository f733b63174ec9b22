import { HttpError } from '../errors.js';
import { isToken } from '../http/header.js';
import { takesMethod } from '../routing/methods.js';
import { type Params, type PathPattern, compilePattern } from '../routing/path-pattern.js';
import { splitPath } from '../routing/path-split.js';
import type { BodyOptions } from '../server/entry.js';
import type { Answer } from './answer.js';
import { GET } from './methods.js';
import type { Request } from './request.js';

/**
 * Serves the requests of a route. What it returns is sent; what it throws is answered by its status, anything but an
 * `HttpError` by 500.
 * @param params values of the path by name, percent-decoded; wildcards under "0", "1"…
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler may have answered by itself
export type Handler = (request: Request, params: Params) => Answer | void | Promise<Answer | void>;

/** What may be said about a route besides path, methods and handler. */
export interface RouteOptions extends Partial<BodyOptions> {
  /** Matches with and without one slash at the end (API row RT5). */
  readonly appendSlash?: boolean;
}

/** A path, its methods and the handler of both (API rows RT1–RT14). */
export class Route {
  readonly path: string;
  /** Empty: any method. */
  readonly methods: ReadonlySet<string>;
  readonly handler: Handler;
  readonly options: RouteOptions;
  readonly #pattern: PathPattern;

  /**
   * @param path literal text, `<name>`, `...` (one segment), `....` (one character or more), a final `/*`
   * @param methods a name or several; [] for any. GET serves HEAD as well
   * @throws PatternError for a path that cannot work (API row RT11), HttpError INVALID_SETTING for a method that is none
   */
  constructor(path: string, methods: string | Iterable<string>, handler: Handler, options: RouteOptions = {}) {
    this.path = path;
    this.methods = new Set(typeof methods === 'string' ? [methods] : methods);
    this.handler = handler;
    this.options = options;
    for (const method of this.methods)
      if (!isToken(method))
        throw new HttpError('INVALID_SETTING', { message: `"${method}" is not a valid method name.` });
    if (typeof handler !== 'function')
      throw new HttpError('INVALID_SETTING', { message: `The route ${path} has no handler.` });
    this.#pattern = compilePattern(path, { appendSlash: options.appendSlash === true });
  }

  /** Names of the parameters, in order. */
  get parametersNames(): string[] {
    return this.#pattern.tokens.flatMap((token) =>
      token.kind === 'single' && token.name !== undefined ? [token.name] : [],
    );
  }

  /** The values of a request that this route takes, else undefined (API row RT14). @throws HttpError BAD_ESCAPE */
  matches(method: string, path: string): Params | undefined {
    const methods = this.methods.size === 0 ? undefined : this.methods;
    return takesMethod(methods, method, false) ? this.#pattern.match(splitPath(path)) : undefined;
  }

  toString(): string {
    return `<Route path=${this.path}, methods=${[...this.methods].join(', ') || 'any'}>`;
  }
}

const routed = new WeakSet<Handler>();

/**
 * A handler as a route for a later `addRoutes` (API row RT15).
 * @throws HttpError INVALID_SETTING when the handler was made a route before
 */
export function asRoute(
  path: string,
  methods: string | Iterable<string> = GET,
  handler: Handler,
  options?: RouteOptions,
): Route {
  if (routed.has(handler))
    throw new HttpError('INVALID_SETTING', { message: 'asRoute can be used only once per function.' });
  const route = new Route(path, methods, handler, options);
  routed.add(handler);
  return route;
}
