/** Saved properties of `websocket-in`: accepts upgrades and gives out what the clients send. */
import { origin } from '../lib/setting-address.js';
import { onFull, printable, token } from '../lib/setting-field.js';
import {
  choice,
  flag,
  integer,
  list,
  nodeName,
  readSettings,
  requiredReference,
  seconds,
  size,
} from '../lib/settings.js';
import type { Reading, Readers, SettingsOf } from '../lib/settings.js';

/** What a flow saves. */
export interface WebsocketInProperties {
  name: string;
  server: string;
  channel: string;
  subprotocols: string[];
  format: 'auto' | 'json' | 'text' | 'buffer';
  maxMessageSize: string | number;
  maxFragments: string | number;
  heartbeat: string | number;
  origins: string[];
  compression: boolean;
  maxClients: string | number;
  onFull: 'reject' | 'replace';
  backlog: string | number;
  messageRate: string | number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: WebsocketInProperties = {
  name: '',
  server: '',
  channel: '',
  subprotocols: [],
  format: 'auto',
  maxMessageSize: '1mb',
  maxFragments: 0,
  heartbeat: 30,
  origins: [],
  compression: false,
  maxClients: 0,
  onFull: 'reject',
  backlog: '4mb',
  messageRate: 0,
};

/** Readers of the properties. Sizes are bytes, `heartbeat` seconds, `messageRate` messages a second. */
export const readers = {
  name: nodeName,
  server: requiredReference,
  channel: printable,
  subprotocols: list(token),
  format: choice('auto', 'json', 'text', 'buffer'),
  maxMessageSize: size,
  maxFragments: integer(0),
  heartbeat: seconds,
  origins: list(origin),
  compression: flag,
  maxClients: integer(0),
  onFull,
  backlog: size,
  messageRate: integer(0),
} satisfies Readers;

/** The typed settings of a WebSocket entry. */
export type WebsocketInSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<WebsocketInSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
