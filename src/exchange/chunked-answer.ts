import type http from 'node:http';
import { HttpError } from '../errors.js';
import { type Head, applyHead } from './answer.js';
import { claimAnswer, claimOf, isGone } from './claim.js';
import { drained, pieceOf } from './stream-answer.js';

/** Bytes a chunked answer may hold for a client that reads too slowly; past it the client is closed. */
export const chunkedBacklog = 4 * 1024 * 1024;

/** An answer that several messages write, a chunk each (API rows CR1–CR3). Status and headers come from the first. */
export class ChunkedAnswer {
  /** See `isWrittenInParts`. */
  readonly inParts = true;
  readonly #response: http.ServerResponse;

  private constructor(response: http.ServerResponse) {
    this.#response = response;
  }

  /**
   * The chunked answer of this response: the one begun by an earlier message, else a new one whose head is `head()`.
   * @returns undefined when the client has left
   * @throws HttpError ALREADY_ANSWERED when somebody else answers, or this answer is complete
   */
  static of(response: http.ServerResponse, head: () => Head): ChunkedAnswer | undefined {
    const owner = claimOf(response);
    if (owner instanceof ChunkedAnswer && !response.writableEnded) return isGone(response) ? undefined : owner;
    const checked = head();
    const answer = new ChunkedAnswer(response);
    if (!claimAnswer(response, answer)) return undefined;
    applyHead(response, checked);
    response.removeHeader('Content-Length');
    return answer;
  }

  /**
   * Writes one chunk (empty ones are skipped, they would end the answer) and ends it when `complete`.
   * Resolves when the client has taken the chunk.
   * @throws HttpError CLIENT_TOO_SLOW, INVALID_PAYLOAD
   */
  async write(payload: unknown, complete: boolean): Promise<void> {
    const response = this.#response;
    const piece = pieceOf(payload);
    const hasBody = response.req.method !== 'HEAD' && response.statusCode !== 204 && response.statusCode !== 304;
    let flowing = true;
    if (piece.length > 0 && hasBody) flowing = response.write(piece);
    else if (!response.headersSent) response.flushHeaders();
    if (complete) response.end();
    else if (response.writableLength > chunkedBacklog) {
      response.destroy();
      throw new HttpError('CLIENT_TOO_SLOW', {
        message: `The client reads too slowly: more than ${chunkedBacklog} bytes wait for it. It was closed.`,
      });
    } else if (!flowing) await drained(response);
  }
}
