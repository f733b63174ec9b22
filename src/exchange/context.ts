import type http from 'node:http';
import type { Logger } from '../logger.js';
import type { Exchange } from './exchange.js';
import type { HeaderTarget } from './head-draft.js';
import type { IncomingMessage } from './request.js';

/** A header line, or several of the same name. */
export type HeaderField = readonly [name: string, value: string | readonly string[]];

/** `msg.req.route` in Express's shape: the pattern that matched last and the methods it was registered for. */
export interface RouteInfo {
  readonly path: string;
  readonly methods: Readonly<Record<string, boolean>>;
}

/** Who asks and how, seen through trusted proxies. */
export interface Forwarded {
  /** Address of the client: the rightmost address that no trusted proxy owns. */
  readonly ip: string;
  /** All believed addresses, client first; empty when no proxy is trusted (Express's `req.ips`). */
  readonly ips: readonly string[];
  readonly protocol: 'http' | 'https';
  /** Host with port as the client named it. */
  readonly host: string;
  /** Path prefix a trusted proxy removed; '' when none. */
  readonly prefix: string;
}

/** A parsed body as the exchange keeps it: what the flow sees, and what the field containers are built from. */
export interface BodyResult {
  /** The parsed value: object, string, Buffer, array, number… */
  value: unknown;
  /** The bytes as received (decoded from their Content-Encoding), when they were kept. */
  raw?: Buffer | undefined;
  /** Uploaded files. */
  files?: unknown[] | undefined;
  /** Name and value pairs of a form, in order. */
  pairs?: readonly (readonly [string, string])[] | undefined;
}

/** Sends a file as the answer; injected because files lie above the exchange. */
export type FileSender = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: { root: string; filename: string; attachment?: boolean; downloadName?: string; maxAge?: number },
) => Promise<void>;

/** What the server gives to each of its exchanges. Replaced as a whole when settings change. */
export interface ExchangeContext {
  /** Headers set on every response that does not set them itself. */
  readonly defaultHeaders: Iterable<HeaderField>;
  /** True: error bodies name the reason. */
  readonly debug: boolean;
  readonly logger: Logger;
  /** More than so many query parameters are refused with 400. */
  readonly maxParameters: number;
  /** True while the server drains: every answer closes its connection. */
  readonly closing: boolean;
  /** The server's monotonic clock in milliseconds. */
  now(): number;
  forwarded(request: IncomingMessage): Forwarded;
  /** True when `beforeHead` adds to what an answer says itself (CORS and `Vary`): it must find all of that set. */
  readonly completesHead: boolean;
  /** The first byte of the answer is about to be written: last moment to change its headers, which are in `head`. */
  beforeHead(exchange: Exchange, head: HeaderTarget): void;
  /** Work that goes on when an exchange is over: the server does not call itself stopped before it is done. */
  finishing(work: Promise<unknown>): void;
  /** The exchange is over. Called once. */
  ended(exchange: Exchange): void;
  readonly sendFile: FileSender;
  /** The server's files, for the layers that know of files. */
  readonly files: unknown;
  /** The server's count of failed logins, for the layers that know of access. */
  lockout(): unknown;
  /** Answers with a file of the server's root folder. Rejects with FILES_DISABLED, FILE_NOT_FOUND, INVALID_PATH… */
  serveRoot(exchange: Exchange): Promise<void>;
}
