import { readFileSync } from 'node:fs';
import { HttpError } from '../errors.js';
import type { Headers } from '../http/headers.js';
import type { Logger } from '../logger.js';
import type { HeaderField } from '../exchange/context.js';
import {
  type AdvertiseSettings,
  type CorsSettings,
  type Limits,
  type ServerSettings,
  type TlsMaterial,
  defaultLimits,
  defaultSettings,
} from '../server/settings.js';
import type { ResponseHeaders } from './answer.js';

/** What a `Server` of the API may be told (rows SV1–SV5); everything has a default. */
export interface ServerOptions extends Partial<
  Pick<
    ServerSettings,
    'hosts' | 'compression' | 'trustProxy' | 'securityHeaders' | 'lockout' | 'accessLog' | 'clientCert'
  >
> {
  /** Folder served for GET and HEAD without a matching route; none unless given. */
  readonly rootPath?: string | undefined;
  /** HTTPS; needs `certfile` and `keyfile`, PEM files that are read at each start. */
  readonly https?: boolean;
  readonly certfile?: string;
  readonly keyfile?: string;
  /** Log lines (rows DB1–DB5) and error bodies that name the reason. Default false. */
  readonly debug?: boolean;
  /** Headers of every response that does not set them itself; `server.headers` afterwards. */
  readonly headers?: ResponseHeaders;
  /** The realm of 401 challenges. Default "Server". */
  readonly realm?: string;
  /** Where the server says things. Default the console. */
  readonly logger?: Logger;
  /** The name under which the network is told of it (multicast DNS, row EN2), or that and a host name. */
  readonly advertise?: string | AdvertiseSettings;
  readonly limits?: Partial<Limits>;
  readonly cors?: Partial<CorsSettings>;
}

/** The engine's settings. `headers` are read anew for each response. */
export function settingsOf(options: ServerOptions, headers: Headers): ServerSettings {
  const { hosts, compression, trustProxy, securityHeaders, lockout, clientCert, debug = false } = options;
  const given = { hosts, compression, trustProxy, securityHeaders, lockout, clientCert };
  return {
    ...defaultSettings,
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<ServerSettings>),
    rootPath: options.rootPath ?? '',
    headers: liveFields(headers),
    limits: { ...defaultLimits, ...options.limits },
    cors: { ...defaultSettings.cors, ...options.cors },
    advertise: typeof options.advertise === 'object' ? options.advertise : { name: options.advertise ?? '' },
    accessLog: options.accessLog ?? debug,
    debug,
  };
}

/** Certificate and key of `https`; undefined for plain HTTP. @throws HttpError INVALID_SETTING, BAD_CERTIFICATE */
export function readCertificate({ https = false, certfile, keyfile }: ServerOptions): TlsMaterial | undefined {
  if (!https) return undefined;
  if (!certfile || !keyfile)
    throw new HttpError('INVALID_SETTING', { message: 'Both certfile and keyfile must be specified for HTTPS' });
  try {
    return { cert: readFileSync(certfile), key: readFileSync(keyfile) };
  } catch (cause) {
    throw new HttpError('BAD_CERTIFICATE', { message: `Cannot read certfile or keyfile: ${String(cause)}`, cause });
  }
}

function liveFields(headers: Headers): Iterable<HeaderField> {
  return {
    *[Symbol.iterator](): Generator<HeaderField> {
      for (const name of headers.keys()) yield [name, headers.getList(name)];
    },
  };
}
