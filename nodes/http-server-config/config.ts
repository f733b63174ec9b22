/** Saved properties of `http-server-config`: one listening server. */
import { listenHost, network, origin, servedHost } from '../lib/setting-address.js';
import { corsOf, extension, headers, mediaType, printable } from '../lib/setting-field.js';
import type { Cors } from '../lib/setting-field.js';
import {
  SettingError,
  choice,
  flag,
  integer,
  list,
  nodeName,
  readSettings,
  reference,
  rows,
  seconds,
  size,
} from '../lib/settings.js';
import type { Reader, Reading, Readers, SettingsOf } from '../lib/settings.js';

/** What a flow saves. Numbers and sizes may be text. */
export interface HttpServerConfigProperties {
  name: string;
  host: string;
  port: string | number;
  tls: string;
  clientCert: 'off' | 'request' | 'require';
  rootPath: string;
  headers: { name: string; value: string }[];
  access: string;
  bodyLimit: string | number;
  uploadLimit: string | number;
  bodyBudget: string | number;
  headersTimeout: string | number;
  requestTimeout: string | number;
  responseTimeout: string | number;
  sendTimeout: string | number;
  keepAliveTimeout: string | number;
  maxConnections: string | number;
  maxConnectionsPerIp: string | number;
  maxRequestsPerSocket: string | number;
  hosts: string[];
  cors: Partial<Cors>;
  compression: boolean;
  trustProxy: string | string[];
  securityHeaders: boolean;
  lockout: string | number;
  mimeDefault: string;
  mimeTypes: { extension: string; type: string }[];
  mimeKeep: string[];
  accessLog: boolean;
  debug: boolean;
  advertise: string;
  autoStart: boolean;
}

/** What a new node holds, and what a missing property means. */
export const DEFAULTS: HttpServerConfigProperties = {
  name: '',
  host: '0.0.0.0',
  port: '8080',
  tls: '',
  clientCert: 'off',
  rootPath: '',
  headers: [],
  access: '',
  bodyLimit: '5mb',
  uploadLimit: '100mb',
  bodyBudget: '64mb',
  headersTimeout: 10,
  requestTimeout: 300,
  responseTimeout: 120,
  sendTimeout: 30,
  keepAliveTimeout: 5,
  maxConnections: 0,
  maxConnectionsPerIp: 0,
  maxRequestsPerSocket: 0,
  hosts: [],
  cors: { origins: [] },
  compression: false,
  trustProxy: '',
  securityHeaders: false,
  lockout: 10,
  mimeDefault: 'text/plain',
  mimeTypes: [],
  mimeKeep: [],
  accessLog: false,
  debug: false,
  advertise: '',
  autoStart: true,
};

/** The longest mDNS service name (RFC 6763 section 4.1.1), in bytes of UTF-8. */
const MAX_SERVICE_NAME = 63;

const serviceName: Reader<string> = (value) => {
  const read = printable(value);
  if (new TextEncoder().encode(read).length > MAX_SERVICE_NAME) throw new SettingError('serviceName');
  return read;
};

/** Readers of the properties: sizes become bytes, times stay seconds, names of hosts and extensions lower case. */
export const readers = {
  name: nodeName,
  host: listenHost,
  port: integer(0, 65535),
  tls: reference,
  clientCert: choice('off', 'request', 'require'),
  rootPath: printable,
  headers,
  access: reference,
  bodyLimit: size,
  uploadLimit: size,
  bodyBudget: size,
  headersTimeout: seconds,
  requestTimeout: seconds,
  responseTimeout: seconds,
  sendTimeout: seconds,
  keepAliveTimeout: seconds,
  maxConnections: integer(0),
  maxConnectionsPerIp: integer(0),
  maxRequestsPerSocket: integer(0),
  hosts: list(servedHost),
  cors: corsOf(origin),
  compression: flag,
  trustProxy: list(network),
  securityHeaders: flag,
  lockout: integer(0),
  mimeDefault: mediaType,
  mimeTypes: rows({ extension, type: mediaType }),
  mimeKeep: list(extension),
  accessLog: flag,
  debug: flag,
  advertise: serviceName,
  autoStart: flag,
} satisfies Readers;

/** The typed settings of a server. */
export type HttpServerConfigSettings = SettingsOf<typeof readers>;

/** Reads the saved properties: typed settings, or every property that cannot work with the reason. */
export function readConfig(properties: unknown): Reading<HttpServerConfigSettings> {
  return readSettings(readers, DEFAULTS, properties);
}
