/** Servers: their settings, states and records. */
export type { Locked } from '../auth/lockout.js';
export type { Logger } from '../logger.js';
export type { ExchangeRecord } from '../server/access-log.js';
export type { Entry } from '../server/entry.js';
export { Server } from '../server/server.js';
export type { ServerState } from '../server/server-state.js';
export { type ServerSettings, type TlsMaterial, defaultLimits, defaultSettings } from '../server/settings.js';
