import type { FileHandle } from 'node:fs/promises';
import { once } from 'node:events';
import type http from 'node:http';
import { HttpError } from '../errors.js';
import type { ByteRange } from './range.js';

/**
 * Writes a part of an open file to a response, no faster than the client takes it. A file that became shorter cuts the
 * connection: the announced length cannot be kept.
 * @returns false when the client left
 */
export async function writeRange(
  response: http.ServerResponse,
  handle: FileHandle,
  { start, end }: ByteRange,
  bufferSize: number,
): Promise<boolean> {
  let position = start;
  while (position <= end) {
    if (response.destroyed) return false;
    // A fresh buffer each time: the last one may still wait in the socket. Node 18 takes a missing length for 0.
    const length = Math.min(bufferSize, end - position + 1);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) {
      response.destroy();
      throw new HttpError('INTERNAL_ERROR', { message: 'The file became shorter while it was sent.' });
    }
    position += bytesRead;
    if (
      !response.write(bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)) &&
      !(await taken(response))
    )
      return false;
  }
  return true;
}

/** Waits until the client has taken what was written. @returns false when it left */
async function taken(response: http.ServerResponse): Promise<boolean> {
  if (response.destroyed || response.socket?.destroyed) return false;
  const stop = new AbortController();
  const { signal } = stop;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).catch(() => undefined);
  stop.abort();
  return !response.destroyed;
}
