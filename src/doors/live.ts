/** Event streams and WebSockets. */
export { parseJson } from '../body/json.js';
export { acceptWebSocket } from '../server/accept-websocket.js';
export {
  type ClientInfo,
  type EventHub,
  type SocketHub,
  type StreamEvent,
  newEventHub,
} from '../server/live-channels.js';
export { type UpgradeData, isPendingUpgrade, upgradeData } from '../server/upgrade-data.js';
export type { ServerSentEvent } from '../sse/encode-event.js';
export type { SendResult, SocketChannel } from '../websocket/channel.js';
export type { SocketChannelOptions, SocketEvent } from '../websocket/channel-options.js';
export { upgradeRequired } from '../websocket/handshake.js';
