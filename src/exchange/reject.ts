import type http from 'node:http';
import type { HttpError } from '../errors.js';
import { claimAnswer, releaseAnswer } from './claim.js';
import { sendError } from './error-answer.js';
import { ServerResponse } from './response.js';

/**
 * Answers on behalf of a guard: the exchange is reported as rejected. Dropped when the client has left.
 * @throws HttpError ALREADY_ANSWERED
 */
export function reject(response: http.ServerResponse, error: HttpError): void {
  if (!claimAnswer(response)) return;
  releaseAnswer(response);
  if (response instanceof ServerResponse) response.exchange.result = 'rejected';
  sendError(response, error);
}
