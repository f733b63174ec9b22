/** Saved properties of `route`: requests go to the output of the first rule that matches. */
import { methods } from '../lib/setting-field.js';
import { patternText } from '../lib/setting-pattern.js';
import { SettingError, choice, flag, integer, isRecord, list, nodeName, readSettings } from '../lib/settings.js';
import type { Reader, Reading, Readers, SettingsOf } from '../lib/settings.js';

/** One rule as a flow saves it: `methods` missing is GET, [] is any. */
export interface RuleProperties {
  methods?: string[];
  path: string;
  appendSlash?: boolean;
}

/** What a flow saves. */
export interface RouteProperties {
  name: string;
  rules: RuleProperties[];
  otherwise: 'files' | '404' | 'output';
  outputs: number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: RouteProperties = {
  name: '',
  rules: [{ methods: ['GET'], path: '/device/<id>', appendSlash: false }],
  otherwise: 'files',
  outputs: 1,
};

/** One checked rule. */
export interface Rule {
  /** In upper case; [] is any. */
  readonly methods: readonly string[];
  readonly path: string;
  readonly appendSlash: boolean;
}

/** Reads one rule. Throws a SettingError with the position in the pattern and the reason. */
export const rule: Reader<Rule> = (value) => {
  if (!isRecord(value)) throw new SettingError('row');
  const appendSlash = flag(value['appendSlash'] ?? false);
  return {
    methods: methods(value['methods'] ?? ['GET']),
    path: patternText(value['path'] ?? '', appendSlash),
    appendSlash,
  };
};

/** Readers of the properties. `outputs` is saved for the editor: at run time rules and `otherwise` decide. */
export const readers = {
  name: nodeName,
  rules: list(rule),
  otherwise: choice('files', '404', 'output'),
  outputs: integer(0),
} satisfies Readers;

/** The typed settings of a router. */
export type RouteSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<RouteSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
