import type {
  EventChannelListener,
  EventChannelOptions,
  EventConnect,
  EventDisconnect,
} from '../sse/channel-options.js';
import { eventChannelDefaults } from '../sse/channel-options.js';
import type * as EventChannels from '../sse/channel.js';
import type { EventChannel } from '../sse/channel.js';
import type { SocketChannelListener, SocketChannelOptions, SocketEvent } from '../websocket/channel-options.js';
import type * as SocketChannels from '../websocket/channel.js';
import type { SocketChannel } from '../websocket/channel.js';
import { ChannelHub, type OwnedInfo } from './channel-hub.js';
import type { UpgradeData } from './upgrade-data.js';

/** What is kept about a client of a channel. */
export interface ClientInfo extends OwnedInfo {
  readonly upgrade: UpgradeData;
}

/** Something happened to a client of an event channel. */
export type StreamEvent = EventConnect<ClientInfo> | EventDisconnect<ClientInfo>;

/** The event channels of a server or, for requests of the core `http in`, of a node. */
export type EventHub = ChannelHub<
  EventChannel<ClientInfo>,
  EventChannelOptions,
  EventChannelListener<ClientInfo>,
  StreamEvent
>;

/** The WebSocket channels of a server. */
export type SocketHub = ChannelHub<
  SocketChannel<ClientInfo>,
  SocketChannelOptions,
  SocketChannelListener<ClientInfo>,
  SocketEvent<ClientInfo>
>;

/** The channels of a server. */
export class LiveChannels {
  readonly events = newEventHub();
  readonly sockets = newSocketHub();

  /** Events wait from now on: there is no flow that could take them. */
  hold(): void {
    this.events.hold();
    this.sockets.hold();
  }

  /** Tells what has waited. */
  release(): void {
    this.events.release();
    this.sockets.release();
  }

  /** Tells all clients to leave. */
  end(): void {
    this.events.end();
    this.sockets.end();
  }
}

/** A hub of event channels. Nodes that share one share its settings, see {@link shareSettings}. */
export function newEventHub(): EventHub {
  return new ChannelHub({
    make: (name, options) => {
      const channels = require('../sse/channel.js') as typeof EventChannels;
      return new channels.EventChannel<ClientInfo>(name, options, Date.now());
    },
    merge: shareSettings,
    listener: (dispatch) => ({
      onConnect: (event) => dispatch(event.info.owner, event),
      onDisconnect: (event) => dispatch(event.info.owner, event),
    }),
    end: (channel) => channel.closeAll(),
  });
}

/** A hub of WebSocket channels: one for each node, several may have one name. */
export function newSocketHub(): SocketHub {
  return new ChannelHub({
    make: (name, options) => {
      const channels = require('../websocket/channel.js') as typeof SocketChannels;
      return new channels.SocketChannel<ClientInfo>(name, options);
    },
    merge: ([options = {}]) => options,
    listener: (dispatch) => ({
      onMessage: (event) => dispatch(event.info.owner, event),
      onConnect: (event) => dispatch(event.info.owner, event),
      onDisconnect: (event) => dispatch(event.info.owner, event),
      onError: (event) => dispatch(event.info.owner, event),
    }),
    end: (channel) => void channel.closeAll(),
  });
}

/**
 * The settings of an event channel that several nodes publish on: the most that one of them keeps for clients that come
 * back, the largest backlog, the shortest heartbeat, the smallest limit of clients.
 */
export function shareSettings(all: readonly EventChannelOptions[]): EventChannelOptions {
  const [first = {}, ...others] = all;
  if (others.length === 0) return first;
  const values = (name: 'replay' | 'backlog' | 'heartbeat' | 'maxClients'): number[] =>
    all.map((one) => one[name] ?? eventChannelDefaults[name]);
  const least = (numbers: number[]): number => Math.min(...numbers.filter((number) => number > 0));
  const limit = least(values('maxClients'));
  const heartbeat = least(values('heartbeat'));
  return {
    replay: Math.max(...values('replay')),
    backlog: Math.max(...values('backlog')),
    heartbeat: Number.isFinite(heartbeat) ? heartbeat : 0,
    maxClients: Number.isFinite(limit) ? limit : 0,
    onFull: (all.find(({ maxClients }) => maxClients === limit) ?? first).onFull ?? 'reject',
    retry: all.find(({ retry }) => retry !== undefined)?.retry,
  };
}
