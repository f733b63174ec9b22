/** Saved properties of `auth`: lets a request pass that carries the demanded credentials. */
import { scopes } from '../lib/setting-field.js';
import { choice, integer, nodeName, readSettings, requiredReference } from '../lib/settings.js';
import type { Reading, Readers, SettingsOf } from '../lib/settings.js';

/** What a flow saves. */
export interface AuthProperties {
  name: string;
  access: string;
  scope: string;
  onReject: '401' | 'output';
  outputs: number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: AuthProperties = { name: '', access: '', scope: '', onReject: '401', outputs: 1 };

/** Readers of the properties. */
export const readers = {
  name: nodeName,
  access: requiredReference,
  scope: scopes,
  onReject: choice('401', 'output'),
  outputs: integer(0),
} satisfies Readers;

/** The typed settings of a guard. */
export type AuthSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<AuthSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
