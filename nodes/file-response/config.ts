/** Saved properties of `file-response`: answers a request with a file. */
import { headerText, headers, printable, status } from '../lib/setting-field.js';
import { choice, flag, integer, nodeName, optional, readSettings, size, typed } from '../lib/settings.js';
import type { Reading, Readers, SettingsOf, TypedKind } from '../lib/settings.js';

/** What a flow saves. */
export interface FileResponseProperties {
  name: string;
  rootPath: string;
  rootPathType: TypedKind;
  filename: string;
  filenameType: TypedKind;
  index: string;
  fallback: string;
  listing: boolean;
  dotfiles: 'ignore' | 'deny' | 'allow';
  attachment: boolean;
  downloadName: string;
  downloadNameType: TypedKind;
  contentType: string;
  statusCode: string | number;
  headers: { name: string; value: string }[];
  maxAge: string | number;
  headOnly: boolean;
  safe: boolean;
  bufferSize: string | number;
  precompressed: boolean;
  notFound: '404' | 'output';
  outputs: number;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: FileResponseProperties = {
  name: '',
  rootPath: '',
  rootPathType: 'str',
  filename: '',
  filenameType: 'str',
  index: 'index.html',
  fallback: '',
  listing: false,
  dotfiles: 'ignore',
  attachment: false,
  downloadName: '',
  downloadNameType: 'str',
  contentType: '',
  statusCode: '',
  headers: [],
  maxAge: '',
  headOnly: false,
  safe: true,
  bufferSize: 65536,
  precompressed: true,
  notFound: '404',
  outputs: 0,
};

/** Readers of the properties. `statusCode` and `maxAge` (seconds) are null when empty; `bufferSize` is bytes. */
export const readers = {
  name: nodeName,
  rootPath: typed,
  filename: typed,
  index: printable,
  fallback: printable,
  listing: flag,
  dotfiles: choice('ignore', 'deny', 'allow'),
  attachment: flag,
  downloadName: typed,
  contentType: headerText,
  statusCode: optional(status),
  headers,
  maxAge: optional(integer(0)),
  headOnly: flag,
  safe: flag,
  bufferSize: size,
  precompressed: flag,
  notFound: choice('404', 'output'),
  outputs: integer(0),
} satisfies Readers;

/** The typed settings of a file answer. */
export type FileResponseSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<FileResponseSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
