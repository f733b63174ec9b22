import type {
  EventChannelListener,
  EventChannelOptions,
  EventConnect,
  EventDisconnect,
} from '../sse/channel-options.js';
import { EventChannel } from '../sse/channel.js';
import type { SocketChannelListener, SocketChannelOptions, SocketEvent } from '../websocket/channel-options.js';
import { SocketChannel } from '../websocket/channel.js';
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

/** A hub of event channels. */
export function newEventHub(): EventHub {
  return new ChannelHub<EventChannel<ClientInfo>, EventChannelOptions, EventChannelListener<ClientInfo>, StreamEvent>(
    (name, options) => new EventChannel<ClientInfo>(name, options, Date.now()),
    (dispatch) => ({
      onConnect: (event) => dispatch(event.info.owner, event),
      onDisconnect: (event) => dispatch(event.info.owner, event),
    }),
    (channel) => channel.closeAll(),
  );
}

/** A hub of WebSocket channels. */
export function newSocketHub(): SocketHub {
  return new ChannelHub<
    SocketChannel<ClientInfo>,
    SocketChannelOptions,
    SocketChannelListener<ClientInfo>,
    SocketEvent<ClientInfo>
  >(
    (name, options) => new SocketChannel<ClientInfo>(name, options),
    (dispatch) => ({
      onMessage: (event) => dispatch(event.info.owner, event),
      onConnect: (event) => dispatch(event.info.owner, event),
      onDisconnect: (event) => dispatch(event.info.owner, event),
      onError: (event) => dispatch(event.info.owner, event),
    }),
    (channel) => void channel.closeAll(),
  );
}
