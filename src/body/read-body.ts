import type { Readable } from 'node:stream';
import { HttpError } from '../errors.js';
import type { BodyBudget } from './body-budget.js';

/** Limits of one read. */
export interface ReadOptions {
  /** Most bytes of the body. */
  readonly limit: number;
  /** Shared budget the bytes are taken from while they are read. */
  readonly budget?: BodyBudget | undefined;
}

/** Bytes of a body, and how many of them the budget still holds for it. */
export interface ReadResult {
  readonly bytes: Buffer;
  /** Gives the bytes back to the budget; call when the body is no longer held. */
  readonly release: () => void;
}

/**
 * Reads a stream to its end into one Buffer.
 * @throws HttpError BODY_TOO_LARGE, OVERLOADED, BODY_TRUNCATED when the stream ends early; what is left unread stays
 *   in the stream
 */
export function readBody(stream: Readable, { limit, budget }: ReadOptions): Promise<ReadResult> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const release = (): void => {
      budget?.give(length);
      length = 0;
    };
    const stop = (): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onFail).off('close', onFail);
    };
    const fail = (error: Error): void => {
      stop();
      stream.pause();
      release();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (length + chunk.length > limit) {
        fail(tooLarge(limit));
        return;
      }
      try {
        budget?.take(chunk.length, length + chunk.length);
      } catch (error) {
        fail(error as HttpError);
        return;
      }
      length += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      const [first] = chunks;
      resolve({ bytes: chunks.length === 1 && first ? first : Buffer.concat(chunks), release });
    };
    const onFail = (error?: Error): void =>
      fail(error instanceof HttpError ? error : new HttpError('BODY_TRUNCATED', { cause: error }));
    stream.on('data', onData).on('end', onEnd).on('error', onFail).on('close', onFail);
  });
}

/** The error of a body over its limit, the limit named. */
export function tooLarge(limit: number): HttpError {
  return new HttpError('BODY_TOO_LARGE', { message: `The body is larger than the limit of ${limit} bytes.` });
}
