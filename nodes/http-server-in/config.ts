/** Saved properties of `http-server-in`: the requests of a server become messages. */
import { methods, printable } from '../lib/setting-field.js';
import { patternText } from '../lib/setting-pattern.js';
import {
  choice,
  flag,
  integer,
  nodeName,
  optional,
  readSettings,
  reference,
  requiredReference,
  size,
} from '../lib/settings.js';
import type { Reader, Reading, Readers, SettingsOf } from '../lib/settings.js';

/** What a flow saves. */
export interface HttpServerInProperties {
  name: string;
  server: string;
  methods: string[];
  path: string;
  access: string;
  body: 'parsed' | 'raw' | 'stream';
  rawBody: boolean;
  upload: 'memory' | 'disk' | 'off';
  uploadDir: string;
  maxFileSize: string | number;
  maxFiles: string | number;
  bodyLimit: string | number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: HttpServerInProperties = {
  name: '',
  server: '',
  methods: [],
  path: '',
  access: '',
  body: 'parsed',
  rawBody: false,
  upload: 'memory',
  uploadDir: '',
  maxFileSize: '',
  maxFiles: 10,
  bodyLimit: '',
};

const path: Reader<string> = (value) => (value === '' ? '' : patternText(value, false));

/** Readers of the properties. `path` "" is every path; `maxFileSize` and `bodyLimit` are bytes, or null for the server's limits. */
export const readers = {
  name: nodeName,
  server: requiredReference,
  methods,
  path,
  access: reference,
  body: choice('parsed', 'raw', 'stream'),
  rawBody: flag,
  upload: choice('memory', 'disk', 'off'),
  uploadDir: printable,
  maxFileSize: optional(size),
  maxFiles: integer(0),
  bodyLimit: optional(size),
} satisfies Readers;

/** The typed settings of an entry. */
export type HttpServerInSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<HttpServerInSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
