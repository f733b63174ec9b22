import type { IncomingMessage } from '../exchange/request.js';
import type { SocketChannel } from '../websocket/channel.js';
import type { Connection } from '../websocket/connection.js';
import type { ClientInfo } from './live-channels.js';
import { upgradeData } from './upgrade-data.js';

/**
 * Accepts the pending upgrade of a request as a client of a channel. The server's default headers, and those a flow has
 * set on the response, go out with the 101.
 * @returns undefined when the client has left already
 * @throws HttpError UPGRADE_REQUIRED, BAD_REQUEST, ORIGIN_REFUSED, OVERLOADED: the request still waits for an answer
 */
export function acceptWebSocket(
  request: IncomingMessage,
  channel: SocketChannel<ClientInfo>,
  owner: string,
): Connection<ClientInfo> | undefined {
  const { exchange } = request;
  const { response, context, forwarded } = exchange;
  const pending = exchange.upgrade;
  if (!pending) throw new Error('The request is no pending upgrade.');
  const set = new Set(response.getHeaderNames());
  const headers: [string, string][] = [];
  const add = (name: string, value: string | number | readonly string[]): void => {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) headers.push([name, one]);
  };
  for (const name of set) add(name, response.getHeader(name) ?? '');
  for (const [name, value] of context.defaultHeaders) if (!set.has(name.toLowerCase())) add(name, value);
  const connection = channel.accept(request, () => pending.take(), {
    info: { owner, upgrade: upgradeData(request) },
    protocol: forwarded.protocol,
    host: forwarded.host,
    headers,
  });
  exchange.upgraded();
  return connection;
}
