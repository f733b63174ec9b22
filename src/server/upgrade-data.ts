import type http from 'node:http';
import { IncomingMessage } from '../exchange/request.js';
import { maskHeaders, maskValues } from '../http/mask.js';

/** What is known of the request a live client came with, as plain data that survives cloning; checked secrets are masked. */
export interface UpgradeData {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: http.IncomingHttpHeaders;
  readonly cookies: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly user: unknown;
}

/** A request as Express shapes it. */
type Shaped = http.IncomingMessage & {
  path?: string;
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  cookies?: Record<string, string>;
  ip?: string;
  user?: unknown;
};

/** The plain data of a request, ours or one of the core `http in`. */
export function upgradeData(request: http.IncomingMessage): UpgradeData {
  const { path, params, query, cookies, ip, user } = request as Shaped;
  const places = request instanceof IncomingMessage ? request.exchange.secretPlaces : undefined;
  return {
    path: path ?? request.url?.split('?', 1)[0] ?? '/',
    params: { ...params },
    query: places ? maskValues({ ...query }, places.query) : { ...query },
    headers: places ? maskHeaders(request.headers, places) : { ...request.headers },
    cookies: places ? maskValues({ ...cookies }, places.cookies) : { ...cookies },
    ip: ip ?? request.socket.remoteAddress ?? '',
    user: user ?? undefined,
  };
}

/** True for an upgrade that waits for somebody to accept it. */
export function isPendingUpgrade(request: http.IncomingMessage): request is IncomingMessage {
  return request instanceof IncomingMessage && request.exchange.upgrade !== undefined;
}
