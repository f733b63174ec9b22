import type { IncomingMessage } from 'node:http';
import { HttpError } from '../errors.js';
import { isToken } from '../http/header.js';

// base64 of 16 bytes, RFC 6455 4.1
const keyPattern = /^[+/0-9A-Za-z]{22}==$/;

/**
 * Says whether a request may become a WebSocket (RFC 6455 4.2.1), before anything is written (API row WS1).
 * @throws HttpError METHOD_NOT_ALLOWED (405) for anything but GET; BAD_REQUEST (400) for HTTP/1.0, a bad
 * `Sec-WebSocket-Key` or a malformed `Sec-WebSocket-Protocol`; UPGRADE_REQUIRED (426, with the headers the RFC asks
 * for) for a request that is no upgrade or speaks another version than 13
 */
export function checkHandshake(request: IncomingMessage): void {
  const { headers } = request;
  if (request.method !== 'GET') throw new HttpError('METHOD_NOT_ALLOWED', { headers: { Allow: 'GET' } });
  if (request.httpVersionMajor < 1 || (request.httpVersionMajor === 1 && request.httpVersionMinor < 1)) {
    throw new HttpError('BAD_REQUEST', { message: 'A WebSocket needs HTTP/1.1.' });
  }
  if (!hasToken(headers.upgrade, 'websocket') || !hasToken(headers.connection, 'upgrade')) throw upgradeRequired();
  if (headers['sec-websocket-version'] !== '13') {
    throw upgradeRequired('Only version 13 of the WebSocket protocol is spoken here.');
  }
  if (!keyPattern.test(headers['sec-websocket-key'] ?? '')) {
    throw new HttpError('BAD_REQUEST', { message: 'Sec-WebSocket-Key is missing or not valid.' });
  }
  parseSubprotocols(headers['sec-websocket-protocol']);
}

/** The 426 that says what is spoken here. */
export function upgradeRequired(message?: string): HttpError {
  return new HttpError('UPGRADE_REQUIRED', {
    ...(message === undefined ? {} : { message }),
    headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' },
  });
}

/**
 * The subprotocols a client offers, in its order of preference; [] without the header.
 * @throws HttpError BAD_REQUEST for anything but a list of different tokens (RFC 6455 4.1)
 */
export function parseSubprotocols(header: string | undefined): string[] {
  if (header === undefined) return [];
  const offered = header.split(',').map((part) => part.trim());
  if (!offered.every(isToken) || new Set(offered).size !== offered.length) {
    throw new HttpError('BAD_REQUEST', { message: 'Sec-WebSocket-Protocol is not valid.' });
  }
  return offered;
}

/** The first of our subprotocols that the client offers; undefined (no header in the answer) when there is none. */
export function chooseSubprotocol(ours: readonly string[], offered: readonly string[]): string | undefined {
  return ours.find((protocol) => offered.includes(protocol));
}

function hasToken(header: string | undefined, token: string): boolean {
  return header !== undefined && header.split(',').some((part) => part.trim().toLowerCase() === token);
}
