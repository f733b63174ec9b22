/** Saved properties of `http-server-control`: starts, stops and watches a server. */
import { nodeName, readSettings, requiredReference } from '../lib/settings.js';
import type { Reading, Readers, SettingsOf } from '../lib/settings.js';

/** What a flow saves. */
export interface HttpServerControlProperties {
  name: string;
  server: string;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: HttpServerControlProperties = { name: '', server: '' };

/** Readers of the properties. */
export const readers = { name: nodeName, server: requiredReference } satisfies Readers;

/** The typed settings of a control. */
export type HttpServerControlSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<HttpServerControlSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
