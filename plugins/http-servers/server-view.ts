import type { ClientInfo } from '../../src/doors/live.js';
import type { Server } from '../../src/doors/server.js';
import type { ServerNode } from '../../nodes/lib/server-node.js';
import type { ChannelView, ClientView, RequestView, ServerView } from './view.js';

/** Clients of a channel that are told one by one; `count` tells how many there are. */
export const shownClients = 50;

/** A server node as it stands now. */
export function viewOf({ id, server, refusal }: ServerNode, records: readonly RequestView[]): ServerView {
  if (server === undefined) {
    const nothing = { url: '', connections: 0, requests: 0, channels: [], records: [] };
    return { id, state: 'refused', error: refusal ?? '', ...nothing };
  }
  const { state, url, error } = server.state;
  return { id, state, url, error: error?.message ?? '', ...server.counts, channels: channelsOf(server), records };
}

/** Ends the connection of a live client, whichever channel it is on. @returns false when it is not there */
export function disconnect(server: Server, client: string): boolean {
  for (const channel of server.eventChannels.channels) if (channel.close(client) > 0) return true;
  for (const channel of server.socketChannels.channels) if (channel.close({ client }).sent > 0) return true;
  return false;
}

function channelsOf(server: Server): ChannelView[] {
  const sse = server.eventChannels.channels.map((channel) =>
    channelOf('sse', channel.name, channel.clients, (client) => channel.infoOf(client)),
  );
  const websocket = server.socketChannels.channels.map((channel) =>
    channelOf('websocket', channel.name, channel.clients, (client) => channel.get(client)?.info),
  );
  return [...sse, ...websocket].filter(({ count }) => count > 0);
}

function channelOf(
  kind: ChannelView['kind'],
  name: string,
  ids: readonly string[],
  infoOf: (client: string) => ClientInfo | undefined,
): ChannelView {
  const clients = ids.slice(0, shownClients).map((id): ClientView => {
    const upgrade = infoOf(id)?.upgrade;
    const user = (upgrade?.user as { name?: unknown } | undefined)?.name;
    return { id, ip: upgrade?.ip ?? '', path: upgrade?.path ?? '', user: typeof user === 'string' ? user : '' };
  });
  return { kind, name, count: ids.length, clients };
}
