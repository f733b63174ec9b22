import type http from 'node:http';
import { HttpError } from '../errors.js';
import { prepareHead, sendWhole } from './answer.js';
import { toHttpError, sendError } from './error-answer.js';
import { IncomingMessage } from './request.js';

/** A request no rule took: unknown path, or a known path with other methods. */
type Unmatched = { readonly kind: 'none' } | { readonly kind: 'method'; readonly allow: readonly string[] };

/**
 * Answers a request that no rule took: with `files`, GET and HEAD first look in the server's root folder; then 405 with
 * `Allow` for a known path (OPTIONS: 204), else 404.
 * @throws HttpError FILES_DISABLED for a request of another server: it has no root folder
 */
export async function answerUnmatched(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  match: Unmatched,
  files: boolean,
): Promise<void> {
  const allow = match.kind === 'method' ? match.allow : undefined;
  if (allow && request.method === 'OPTIONS') {
    sendWhole(response, prepareHead(204, undefined, { Allow: allow.join(', ') }), undefined);
    return;
  }
  let missing = allow
    ? new HttpError('METHOD_NOT_ALLOWED', { headers: { Allow: allow.join(', ') } })
    : new HttpError('NOT_FOUND');
  const isOurs = request instanceof IncomingMessage;
  if (files && (request.method === 'GET' || request.method === 'HEAD') && !(isOurs && request.upgrade)) {
    if (!isOurs)
      throw new HttpError('FILES_DISABLED', {
        message: 'Serving files is disabled: a request of the core http in has no server with a root folder.',
      });
    try {
      await request.exchange.context.serveRoot(request.exchange);
      return;
    } catch (thrown) {
      const error = toHttpError(thrown);
      if (error.code !== 'FILES_DISABLED' && (error.code !== 'FILE_NOT_FOUND' || !allow)) missing = error;
    }
  }
  if (response.headersSent) {
    response.destroy();
    throw missing;
  }
  const id = sendError(response, missing, { force: true });
  if (id) throw missing;
}
