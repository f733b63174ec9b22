/** Saved properties of `websocket-out`: sends messages to WebSocket clients. */
import { nodeName, readSettings, requiredReference, typed } from '../lib/settings.js';
import type { Reading, Readers, SettingsOf, TypedKind } from '../lib/settings.js';

/** What a flow saves. */
export interface WebsocketOutProperties {
  name: string;
  server: string;
  channel: string;
  channelType: TypedKind;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: WebsocketOutProperties = { name: '', server: '', channel: '', channelType: 'str' };

/** Readers of the properties. `channel` "" is every client of the server. */
export const readers = {
  name: nodeName,
  server: requiredReference,
  channel: typed,
} satisfies Readers;

/** The typed settings of a WebSocket sender. */
export type WebsocketOutSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<WebsocketOutSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
