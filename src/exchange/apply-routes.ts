import type http from 'node:http';
import type { Params } from '../routing/path-pattern.js';
import type { RouteMatch, RouteTable } from '../routing/route-table.js';
import { IncomingMessage } from './request.js';

/** A request as Express shapes it: what the core `http in` hands out. */
type Routed = http.IncomingMessage & { params?: Params; route?: unknown; path?: string };

/**
 * Finds the rule of a request and, if there is one, gives the request its parameters: named ones are merged over
 * those of earlier rules, wildcards replace them.
 * @throws HttpError BAD_ESCAPE
 */
export function applyRoutes<T>(table: RouteTable<T>, request: http.IncomingMessage): RouteMatch<T> {
  const isOurs = request instanceof IncomingMessage;
  const path = isOurs ? request.exchange.path : ((request as Routed).path ?? request.url?.split('?', 1)[0] ?? '/');
  const match = table.match(request.method ?? '', path, { upgrade: isOurs && request.upgrade });
  if (match.kind === 'match') {
    const target = request as Routed;
    target.params = mergeParams(target.params ?? {}, match.params);
    target.route = { path: match.pattern.source, methods: match.flags };
  }
  return match;
}

function mergeParams(earlier: Params, later: Params): Params {
  const merged: Params = {};
  for (const name in earlier) if (!/^\d+$/.test(name)) merged[name] = earlier[name] ?? '';
  return Object.assign(merged, later);
}
