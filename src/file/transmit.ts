import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
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
    // A fresh buffer each time: the last one may still wait in the socket.
    const buffer = Buffer.allocUnsafeSlow(Math.min(bufferSize, end - position + 1));
    const bytesRead = await readInto(handle.fd, buffer, position);
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

/** As the handle's own `read`, at half its cost. */
function readInto(descriptor: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, buffer, 0, buffer.length, position, (error, bytesRead) => {
      if (error) reject(error);
      else resolve(bytesRead);
    });
  });
}

/** Waits until the client has taken what was written. @returns false when it left */
function taken(response: http.ServerResponse): Promise<boolean> | boolean {
  if (response.destroyed || response.socket?.destroyed) return false;
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve(!response.destroyed);
    };
    response.on('drain', settle).on('close', settle);
  });
}
