import { Readable } from 'node:stream';
import { HttpError } from '../errors.js';
import { notePassed } from './chunk-memory.js';
import { type SizeLimit, tooLarge } from './read-body.js';

/**
 * The body of a request as a stream that fails with BODY_TOO_LARGE past `limit` bytes and with BODY_TRUNCATED when the
 * client leaves early. Nothing is read from the request before the first read; destroying the stream leaves the
 * request alone, paused.
 * @param onExceed told once, before the stream fails, so that the client can be answered
 */
export function limitStream(request: Readable, limit: SizeLimit, onExceed: (error: HttpError) => void): Readable {
  let received = 0;
  let isOpen = false;
  const stream = new Readable({
    read() {
      if (!isOpen) {
        isOpen = true;
        request.on('data', onData).once('end', onEnd).once('close', onClose);
      }
      request.resume();
    },
    destroy(error, done) {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (isOpen) request.pause();
      done(error);
    },
  });
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > limit.bytes) {
      const error = tooLarge(limit);
      stream.destroy(error);
      onExceed(error);
    } else {
      notePassed(chunk.length);
      if (!stream.push(chunk)) request.pause();
    }
  };
  const onEnd = (): void => {
    stream.push(null);
  };
  const onClose = (): void => {
    if (!request.readableEnded) stream.destroy(new HttpError('BODY_TRUNCATED'));
  };
  // A flow that does not listen must not end the process.
  stream.on('error', () => undefined);
  return stream;
}
