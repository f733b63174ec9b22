import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type http from 'node:http';
import { HttpError } from '../errors.js';
import type { ByteRange } from './range.js';
import type { SpareBuffers } from './spare-buffers.js';

/** A client that takes what is sent gets buffers twice as large each time, up to so many times the first. */
const mostGrowth = 8;

/**
 * Writes a part of an open file to a response, no faster than the client takes it and with one buffer at a time. A file
 * that became shorter cuts the connection: the announced length cannot be kept.
 * @param bufferSize bytes of the first buffer
 * @param spare where buffers come from and go to
 * @returns false when the client left
 */
export async function writeRange(
  response: http.ServerResponse,
  handle: FileHandle,
  { start, end }: ByteRange,
  bufferSize: number,
  spare?: SpareBuffers,
): Promise<boolean> {
  const take = (size: number): Buffer => spare?.take(size) ?? Buffer.allocUnsafeSlow(size);
  const isSmall = end - start + 1 < bufferSize;
  let buffer = isSmall ? Buffer.allocUnsafe(end - start + 1) : take(bufferSize);
  let position = start;
  while (position <= end) {
    if (response.destroyed) return false;
    const length = Math.min(buffer.length, end - position + 1);
    const bytesRead = await readInto(handle.fd, buffer, length, position);
    if (bytesRead === 0) {
      response.destroy();
      throw new HttpError('INTERNAL_ERROR', { message: 'The file became shorter while it was sent.' });
    }
    position += bytesRead;
    // The buffer serves again only when the system has taken what is in it.
    if (!(await isTaken(response, buffer.subarray(0, bytesRead)))) return false;
    // Each buffer costs a turn of the event loop and of the thread pool, whatever its size.
    const size = buffer.length * 2;
    if (size > bufferSize * mostGrowth || size > end - position + 1) continue;
    spare?.give(buffer);
    buffer = take(size);
  }
  if (!isSmall) spare?.give(buffer);
  return true;
}

/** As the handle's own `read`, at half its cost. */
function readInto(descriptor: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, buffer, 0, length, position, (error, bytesRead) => {
      if (error) reject(error);
      else resolve(bytesRead);
    });
  });
}

/** Writes bytes and waits until the system has taken them all. @returns false when the client left */
function isTaken(response: http.ServerResponse, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (error?: Error | null): void => {
      response.off('close', settle);
      resolve(!error && !response.destroyed);
    };
    response.on('close', settle);
    response.write(bytes, settle);
  });
}
