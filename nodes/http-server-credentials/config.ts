/** Saved properties of `http-server-credentials`: who may come in. The secrets are credentials; `entry.ts` joins both. */
import { headerText } from '../lib/setting-field.js';
import { SettingError, integer, isRecord, list, nodeName, readSettings } from '../lib/settings.js';
import type { Reader, Reading, Readers, SettingsOf } from '../lib/settings.js';
import { rowEntry } from './entry.js';
import type { ListRow } from './entry.js';
import { MAX_SLOTS } from './slots.js';

/** What a flow saves, without the credentials. */
export interface HttpServerCredentialsProperties {
  name: string;
  realm: string;
  list: ListRow[];
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: HttpServerCredentialsProperties = { name: '', realm: 'Node-RED', list: [] };

const PLACEHOLDER = 'x';

const rowOf: Reader<ListRow> = (value) => {
  if (!isRecord(value)) throw new SettingError('row');
  const slot = integer(1, MAX_SLOTS)(value['slot'] ?? '');
  const row = { ...value, slot } as ListRow;
  rowEntry(row, PLACEHOLDER);
  return row;
};

const listOf: Reader<readonly ListRow[]> = (value) => {
  const read = list(rowOf)(value);
  if (new Set(read.map((row) => row.slot)).size < read.length) throw new SettingError('slot');
  return read;
};

/** Readers of the properties. */
export const readers = { name: nodeName, realm: headerText, list: listOf } satisfies Readers;

/** The typed settings of the credentials. */
export type HttpServerCredentialsSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<HttpServerCredentialsSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
