import type { Readable } from 'node:stream';
import { HttpError } from '../errors.js';
import { type BodyBudget, BudgetShare } from './body-budget.js';
import { ByteCollector } from './byte-collector.js';
import { toBodyError } from './content-encoding.js';

/** A limit on bytes, and the setting it comes from. */
export interface SizeLimit {
  readonly bytes: number;
  readonly name: 'bodyLimit' | 'uploadLimit';
}

/** Limits of one read. */
export interface ReadOptions {
  /** Most bytes of the body. */
  readonly limit: SizeLimit;
  /** Shared budget the bytes are taken from while they are held. */
  readonly budget?: BodyBudget | undefined;
}

/** Bytes of a body, and the way to free what the budget holds for them. */
export interface ReadResult {
  readonly bytes: Buffer;
  /** Gives the bytes back to the budget; call when the body is no longer held. */
  readonly release: () => void;
}

/**
 * Reads a stream to its end into one Buffer. No listener is left behind; after an error the rest stays in the stream,
 * paused.
 * @throws HttpError BODY_TOO_LARGE, OVERLOADED, BODY_TRUNCATED when the stream ends early, BAD_BODY when it cannot be
 *   decoded
 */
export function readBody(stream: Readable, { limit, budget }: ReadOptions): Promise<ReadResult> {
  const share = new BudgetShare(budget);
  const release = (): void => share.release();
  if (stream.readableEnded) return Promise.resolve({ bytes: Buffer.alloc(0), release });
  if (stream.destroyed) return Promise.reject(toBodyError(stream.errored));
  return new Promise((resolve, reject) => {
    const collector = new ByteCollector();
    const stop = (): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onFail).off('close', onFail);
    };
    const fail = (error: HttpError): void => {
      stop();
      stream.pause();
      release();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (collector.length + chunk.length > limit.bytes) throw tooLarge(limit);
        share.take(chunk.length);
        collector.add(chunk);
      } catch (error) {
        fail(toBodyError(error));
      }
    };
    const onEnd = (): void => {
      stop();
      resolve({ bytes: collector.toBuffer(), release });
    };
    const onFail = (error?: unknown): void => fail(toBodyError(error));
    stream.on('data', onData).on('end', onEnd).on('error', onFail).on('close', onFail);
  });
}

/** The error of a body over its limit, the limit named. */
export function tooLarge({ bytes, name }: SizeLimit): HttpError {
  return new HttpError('BODY_TOO_LARGE', {
    message: `The body is larger than the limit of ${bytes} bytes (${name}).`,
  });
}
