import type { HeaderField } from '../exchange/context.js';
import type { MediaTypes } from '../file/media-types.js';

/** The limits, sizes and waits of a server: bytes, seconds and counts. 0 means "none of ours" where said. */
export interface Limits {
  /** Bytes of a body held in memory. */
  readonly bodyLimit: number;
  /** Bytes of an upload streamed to disk. */
  readonly uploadLimit: number;
  /** Bytes of request bodies held in memory over all requests at once. */
  readonly bodyBudget: number;
  /** Seconds for the head of a request. */
  readonly headersTimeout: number;
  /** Seconds for a whole request, body included. */
  readonly requestTimeout: number;
  /** Seconds without progress of a body. */
  readonly bodyProgressTimeout: number;
  /** Seconds from the emitted message to the first byte of its answer; 0 off. */
  readonly responseTimeout: number;
  /** Seconds a client may read nothing while bytes wait for it; 0 off. */
  readonly sendTimeout: number;
  /** Seconds an idle connection is kept. */
  readonly keepAliveTimeout: number;
  /** Open connections; 0 no limit. The newest is refused with 503. */
  readonly maxConnections: number;
  /** Open connections of one address; 0 no limit. */
  readonly maxConnectionsPerIp: number;
  /** Requests served on one connection before it is closed; 0 no limit. */
  readonly maxRequestsPerSocket: number;
  /** Header lines of a request; more are refused with 431. */
  readonly maxHeaders: number;
  /** Bytes of a request's head. */
  readonly maxHeaderSize: number;
  /** Query or form parameters of a request; more are refused with 400. */
  readonly maxParameters: number;
  /** Bytes that are kept of what a client sends before its upgrade is accepted. */
  readonly maxEarlyData: number;
  /** Requests of one connection that are worked on at once; what a client pipelines behind them waits. */
  readonly maxPipelined: number;
  /** Requests of all connections that wait like this; past it the client that sends one more is disconnected. */
  readonly maxPipelineQueue: number;
  /** Requests queued while the flows restart, and the seconds they may wait. */
  readonly maxQueued: number;
  readonly maxQueueWait: number;
  /** Seconds begun answers get when the server stops. */
  readonly drainTimeout: number;
}

/** The one table of limits and timeouts, with defaults that are safe on a machine with 512 MB. */
export const defaultLimits: Limits = {
  bodyLimit: 5 * 1024 * 1024,
  uploadLimit: 100 * 1024 * 1024,
  bodyBudget: 64 * 1024 * 1024,
  headersTimeout: 10,
  requestTimeout: 300,
  bodyProgressTimeout: 30,
  responseTimeout: 120,
  sendTimeout: 30,
  keepAliveTimeout: 5,
  maxConnections: 0,
  maxConnectionsPerIp: 0,
  maxRequestsPerSocket: 0,
  maxHeaders: 100,
  maxHeaderSize: 16 * 1024,
  maxParameters: 1000,
  maxEarlyData: 64 * 1024,
  maxPipelined: 8,
  maxPipelineQueue: 10_000,
  maxQueued: 1000,
  maxQueueWait: 20,
  drainTimeout: 5,
};

/** Cross-origin rules; no origin means off. */
export interface CorsSettings {
  /** "*" for any, an origin, or `/pattern/`. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  /** Seconds a preflight may be cached. */
  readonly maxAge: number;
}

/** Certificate material as `tls.createSecureContext` takes it. */
export interface TlsMaterial {
  readonly key?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly ca?: string | Buffer | undefined;
  readonly pfx?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
}

/** How media types of files are chosen (API rows MT1–MT5). */
export interface MediaTypeSettings {
  readonly defaultTo: string;
  readonly register: readonly { readonly extension: string; readonly type: string }[];
  readonly keep: readonly string[];
}

/** How the network is told of a server (multicast DNS). */
export interface AdvertiseSettings {
  /** The name of the service; '' for none. */
  readonly name: string;
  /** The host name without `.local`; this machine's unless said. */
  readonly hostname?: string;
  /** The UDP port of multicast DNS; 5353 unless said. */
  readonly dnsPort?: number;
}

/** Everything about a server that may change without a new socket. */
export interface ServerSettings {
  /** Folder served for GET and HEAD that no entry claims; '' for none. */
  readonly rootPath: string;
  /** Headers of every response that does not set them itself; read anew for each. */
  readonly headers: Iterable<HeaderField>;
  readonly limits: Limits;
  /** Host names served; empty: any. */
  readonly hosts: readonly string[];
  readonly cors: CorsSettings;
  readonly compression: boolean;
  /** Addresses, CIDRs or "loopback" whose forwarding headers are believed. */
  readonly trustProxy: readonly string[];
  readonly securityHeaders: boolean;
  /** Failed logins a minute per address and user before 429; 0 off. */
  readonly lockout: number;
  readonly mediaTypes: MediaTypeSettings | MediaTypes;
  readonly accessLog: boolean;
  readonly advertise: AdvertiseSettings;
  readonly debug: boolean;
  readonly clientCert: 'off' | 'request' | 'require';
}

/** Where a server listens. A change of it needs a new socket. */
export interface Address {
  /** IPv4 or IPv6 address or host name. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
}

/** The settings of a server about which nothing is said. */
export const defaultSettings: ServerSettings = {
  rootPath: '',
  headers: [],
  limits: defaultLimits,
  hosts: [],
  cors: { origins: [], credentials: false, methods: [], allowHeaders: [], exposeHeaders: [], maxAge: 600 },
  compression: false,
  trustProxy: [],
  securityHeaders: false,
  lockout: 10,
  mediaTypes: { defaultTo: 'text/plain', register: [], keep: [] },
  accessLog: false,
  advertise: { name: '' },
  debug: false,
  clientCert: 'off',
};
