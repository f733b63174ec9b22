/** Saved properties of `rate-limit`: so many requests in so much time for each caller. */
import { headerName, printable } from '../lib/setting-field.js';
import {
  SettingError,
  choice,
  integer,
  nodeName,
  parseSeconds,
  readSettings,
  refusal,
  refuse,
} from '../lib/settings.js';
import type { Reader, Reading, Readers, Refusal, SettingsOf } from '../lib/settings.js';

/** What a flow saves. */
export interface RateLimitProperties {
  name: string;
  limit: string | number;
  window: string | number;
  by: 'ip' | 'user' | 'header' | 'msg';
  key: string;
  onReject: '429' | 'output';
  outputs: number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: RateLimitProperties = {
  name: '',
  limit: 60,
  window: 60,
  by: 'ip',
  key: '',
  onReject: '429',
  outputs: 1,
};

const windowSeconds: Reader<number> = (value) => {
  const read = parseSeconds(value);
  if (read === 0) throw new SettingError('window');
  return read;
};

/** Readers of the properties. `window` is seconds. */
export const readers = {
  name: nodeName,
  limit: integer(1),
  window: windowSeconds,
  by: choice('ip', 'user', 'header', 'msg'),
  key: printable,
  onReject: choice('429', 'output'),
  outputs: integer(0),
} satisfies Readers;

/** The typed settings of a limit. */
export type RateLimitSettings = SettingsOf<typeof readers>;

/** Counting by a header or a message property needs its name. */
export function checkKey({ by, key }: Pick<RateLimitSettings, 'by' | 'key'>): readonly Refusal[] {
  if (by !== 'header' && by !== 'msg') return [];
  if (key === '') return [refuse('key', 'key')];
  if (by === 'msg') return [];
  try {
    headerName(key);
    return [];
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return [refusal('key', error)];
  }
}

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<RateLimitSettings> {
  return readSettings(readers, DEFAULTS, properties, checkKey);
}
