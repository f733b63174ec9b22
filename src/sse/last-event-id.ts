import type { IncomingMessage } from 'node:http';
import { parseQueryPairs } from '../http/query.js';
import { maxIdLength } from './encode-event.js';

/**
 * The id of the last event a returning client has seen: header `Last-Event-ID` (HTML Standard 9.2.3), else the query
 * parameter `lastEventId`, as polyfills send it. Untrusted text; cut one character past {@link maxIdLength}, which
 * makes it an id that was never sent.
 * @returns undefined when the client names none
 */
export function readLastEventId(request: IncomingMessage): string | undefined {
  const header = request.headers['last-event-id'];
  // Node decodes headers as latin1; the standard has clients send UTF-8.
  const id = typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8') : queryId(request.url ?? '');
  return id === undefined || id === '' ? undefined : id.slice(0, maxIdLength + 1);
}

function queryId(url: string): string | undefined {
  const mark = url.indexOf('?');
  if (mark < 0 || !url.includes('lastEventId', mark)) return undefined;
  return parseQueryPairs(url.slice(mark + 1)).find(([name]) => name === 'lastEventId')?.[1];
}
