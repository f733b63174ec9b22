/** Saved properties of `sse-out`: requests join a channel, messages are published on it as server-sent events. */
import { onFull } from '../lib/setting-field.js';
import { integer, nodeName, optional, readSettings, reference, seconds, size, typed } from '../lib/settings.js';
import type { Reading, Readers, SettingsOf, TypedKind } from '../lib/settings.js';

/** What a flow saves. */
export interface SseOutProperties {
  name: string;
  server: string;
  channel: string;
  channelType: TypedKind;
  event: string;
  eventType: TypedKind;
  retry: string | number;
  heartbeat: string | number;
  replay: string | number;
  maxClients: string | number;
  onFull: 'reject' | 'replace';
  backlog: string | number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: SseOutProperties = {
  name: '',
  server: '',
  channel: '',
  channelType: 'str',
  event: '',
  eventType: 'str',
  retry: '',
  heartbeat: 15,
  replay: 0,
  maxClients: 0,
  onFull: 'reject',
  backlog: '1mb',
};

/** Readers of the properties. `retry` is milliseconds or null, `heartbeat` seconds, `backlog` bytes, `replay` events. */
export const readers = {
  name: nodeName,
  server: reference,
  channel: typed,
  event: typed,
  retry: optional(integer(0)),
  heartbeat: seconds,
  replay: integer(0),
  maxClients: integer(0),
  onFull,
  backlog: size,
} satisfies Readers;

/** The typed settings of an event channel. */
export type SseOutSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<SseOutSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
