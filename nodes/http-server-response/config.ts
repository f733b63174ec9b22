/** Saved properties of `http-server-response`: answers a request from a message. */
import { cookies, headers, status } from '../lib/setting-field.js';
import { choice, flag, nodeName, optional, readSettings, refuse, typed } from '../lib/settings.js';
import type { Reading, Readers, Refusal, SettingsOf, TypedKind } from '../lib/settings.js';

/** What a flow saves. */
export interface HttpServerResponseProperties {
  name: string;
  mode: 'auto' | 'json' | 'text' | 'chunked' | 'redirect';
  shared: boolean;
  statusCode: string | number;
  headers: { name: string; value: string }[];
  cookies: Record<string, unknown> | '';
  contentType: string;
  contentTypeType: TypedKind;
  redirectUrl: string;
  redirectUrlType: TypedKind;
  permanent: boolean;
  preserveMethod: boolean;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: HttpServerResponseProperties = {
  name: '',
  mode: 'auto',
  shared: false,
  statusCode: '',
  headers: [],
  cookies: '',
  contentType: '',
  contentTypeType: 'str',
  redirectUrl: '',
  redirectUrlType: 'str',
  permanent: false,
  preserveMethod: false,
};

/** Readers of the properties. `statusCode` null leaves it to the message; `shared` is for chunks only. */
export const readers = {
  name: nodeName,
  mode: choice('auto', 'json', 'text', 'chunked', 'redirect'),
  shared: flag,
  statusCode: optional(status),
  headers,
  cookies,
  contentType: typed,
  redirectUrl: typed,
  permanent: flag,
  preserveMethod: flag,
} satisfies Readers;

/** The typed settings of an answer. */
export type HttpServerResponseSettings = SettingsOf<typeof readers>;

/** What only the status and the kind of redirect together can tell. */
export function checkRedirect(settings: HttpServerResponseSettings): readonly Refusal[] {
  const { mode, statusCode, permanent, preserveMethod } = settings;
  if (mode !== 'redirect' || statusCode === null) return [];
  if (permanent || preserveMethod) return [refuse('statusCode', 'redirectFlags')];
  return statusCode >= 300 && statusCode <= 399 ? [] : [refuse('statusCode', 'redirectStatus')];
}

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<HttpServerResponseSettings> {
  return readSettings(readers, DEFAULTS, properties, checkRedirect);
}
