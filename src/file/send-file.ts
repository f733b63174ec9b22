import type http from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpError } from '../errors.js';
export async function sendFile(
  _q: http.IncomingMessage,
  s: http.ServerResponse,
  o: { root: string; filename: string } & Record<string, unknown>,
): Promise<void> {
  try {
    s.end(await readFile(join(o.root, o.filename)));
  } catch {
    throw new HttpError('FILE_NOT_FOUND');
  }
}
