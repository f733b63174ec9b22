import type { AddressInfo } from 'node:net';
import type { HttpError } from '../errors.js';
import type { Address } from './settings.js';

/** Seconds between two attempts to listen. */
export const retryInterval = 5;

/** Where a server stands. */
export interface ServerState {
  readonly state: 'listening' | 'stopped' | 'failed';
  /** '' unless listening. */
  readonly url: string;
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Why it failed, or NO_DESCRIPTORS while a listening server has to refuse connections; undefined otherwise. */
  readonly error: HttpError | undefined;
}

/** Where a listening server is found: a wildcard host is shown as localhost, a port 0 as the one it has got. */
export function placeOf(
  { host }: Address,
  bound: AddressInfo,
  isSecure: boolean,
): Pick<ServerState, 'url' | 'host' | 'port'> {
  const isAny = host === '0.0.0.0' || host === '::' || host === '';
  const shown = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return { url: `${isSecure ? 'https' : 'http'}://${shown}:${bound.port}/`, host, port: bound.port };
}
