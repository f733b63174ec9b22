import type http from 'node:http';
import { HttpError } from '../errors.js';
import type { Exchange } from '../exchange/exchange.js';
import { isToken } from '../http/header.js';
import type { ServerSettings } from './settings.js';

// uri-host [":" port], RFC 9112 3.2; reg-name kept to what host names and addresses use
const hostPattern = /^(?:[a-z\d._~!$&'()*+;=-]|%[\da-f]{2})+(?::\d{0,5})?$|^\[[\da-f:.]+\](?::\d{0,5})?$/i;
/** Visible ASCII without `#`: what a request target may consist of (RFC 9112 3.2). */
const targetPattern = /^[\u0021\u0022\u0024-\u007e]+$/;

/** Methods that a flow may see; TRACE and CONNECT never reach one. */
export const allowedMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The checks of a request's head that Node leaves to the server, before anything else happens: version, Host,
 * target, coding, header count (RFC 9112 2.3, 3.2, 6.1). An absolute-form target is reduced to its path and its host
 * wins over the Host header.
 * @throws HttpError BAD_HOST, BAD_TARGET, BAD_REQUEST, HEADERS_TOO_LARGE, TOO_MANY_PARAMETERS, VERSION_NOT_SUPPORTED, MISDIRECTED
 */
export function checkHead(exchange: Exchange, settings: ServerSettings): void {
  const request = exchange.request;
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor > 1) throw new HttpError('VERSION_NOT_SUPPORTED');
  const raw = request.rawHeaders;
  if (raw.length > settings.limits.maxHeaders * 2) throw new HttpError('HEADERS_TOO_LARGE');
  let hosts = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  const host = request.headers.host;
  if (hosts > 1 || (hosts === 0 && request.httpVersionMinor === 1)) throw new HttpError('BAD_HOST');
  if (host !== undefined && !hostPattern.test(host)) throw new HttpError('BAD_HOST');
  if (request.headers['transfer-encoding'] !== undefined) checkCoding(request);
  const target = request.url ?? '';
  if (target.charCodeAt(0) !== 47 || !targetPattern.test(target)) readTarget(exchange, target);
  if (exchange.search.length >= settings.limits.maxParameters)
    checkParameters(exchange.search, settings.limits.maxParameters);
  if (settings.hosts.length > 0) checkServed(request, settings.hosts);
}

/** An error for a method that no flow may see; undefined for one that may (RFC 9110 9.1, 15.6.2). */
export function methodError(method: string): HttpError | undefined {
  if (method === 'TRACE' || method === 'CONNECT')
    return new HttpError('METHOD_NOT_ALLOWED', { headers: { Allow: allowedMethods.join(', ') } });
  return undefined;
}

function checkCoding(request: http.IncomingMessage): void {
  // A coding in HTTP/1.0, or another than chunked: the length of the body cannot be known (RFC 9112 6.1).
  if (request.httpVersionMinor === 0) throw new HttpError('BAD_REQUEST');
  const coding = request.headers['transfer-encoding']?.trim().toLowerCase();
  if (coding !== 'chunked')
    throw isOtherCoding(coding ?? '')
      ? new HttpError('METHOD_NOT_IMPLEMENTED', { message: 'The Transfer-Encoding is not known.' })
      : new HttpError('BAD_REQUEST');
  if (request.headers['content-length'] !== undefined) throw new HttpError('BAD_REQUEST');
}

/** True for a well-formed list that names a coding we do not know (501); `chunked` twice is only wrong (400). */
function isOtherCoding(list: string): boolean {
  const codings = list.split(',').map((one) => one.trim());
  return codings.every(isToken) && codings.some((one) => one !== 'chunked');
}

function readTarget(exchange: Exchange, target: string): void {
  const request = exchange.request;
  if (target === '*' && request.method === 'OPTIONS') return;
  if (!targetPattern.test(target)) throw new HttpError('BAD_TARGET');
  const absolute = /^https?:\/\/([^/?#@]*)(\/[^#]*|\?[^#]*)?$/i.exec(target);
  const host = absolute?.[1];
  if (!absolute || !host || !hostPattern.test(host)) throw new HttpError('BAD_TARGET');
  const rest = absolute[2] ?? '/';
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  request.headers.host = host;
  const mark = request.url.indexOf('?');
  exchange.path = mark < 0 ? request.url : request.url.slice(0, mark);
  exchange.search = mark < 0 ? '' : request.url.slice(mark + 1);
}

function checkParameters(search: string, most: number): void {
  let count = 1;
  for (let index = search.indexOf('&'); index >= 0; index = search.indexOf('&', index + 1)) count += 1;
  if (count > most) throw new HttpError('TOO_MANY_PARAMETERS');
}

function checkServed(request: http.IncomingMessage, hosts: readonly string[]): void {
  const name = unbracket((request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase());
  if (!hosts.some((host) => unbracket(host.toLowerCase()) === name)) throw new HttpError('MISDIRECTED');
}

/** An IPv6 address is set without brackets and sent with them. */
function unbracket(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
