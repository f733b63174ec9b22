import type http from 'node:http';
import { HttpError } from '../errors.js';
import { IncomingMessage } from '../exchange/request.js';
import type { FileCache } from '../file/file-cache.js';
import type { MediaTypes } from '../file/media-types.js';
import type { SendFileOptions } from '../file/send-file.js';
import { splitPath } from '../routing/path-split.js';
import { uploadFolders } from './upload-folders.js';

/** The files of a server: its root folder ('' for none), media types and cache. */
export interface ServerFiles {
  readonly root: string;
  readonly mediaTypes: MediaTypes;
  readonly cache: FileCache;
}

/**
 * Root folder, media types, cache and the folders of strangers for answering a request with a file: those of its server; `root` wins.
 * @throws HttpError FILES_DISABLED when there is no root folder
 */
export function serverFiles(
  request: http.IncomingMessage,
  root: string | undefined,
): Pick<SendFileOptions, 'root' | 'mediaTypes' | 'cache' | 'sandboxed'> {
  const files = request instanceof IncomingMessage ? (request.exchange.context.files as ServerFiles) : undefined;
  const folder = root || files?.root;
  if (!folder)
    throw new HttpError('FILES_DISABLED', {
      message: 'root_path must be provided in Server or in FileResponse: set rootPath on the node or on its server.',
    });
  return { root: folder, mediaTypes: files?.mediaTypes, cache: files?.cache, sandboxed: uploadFolders.all };
}

/**
 * A request path from which a file may be looked up: each file has one path only.
 *
 * **Security:** routing takes `//`, `/./` and `%2F` as text, a file system does not: another spelling of a path would
 * go past the guard in front of it (threat T58).
 * @throws HttpError FILE_NOT_FOUND for another spelling, BAD_ESCAPE
 */
export function plainPath(path: string): string {
  if (/\/\/|\/\.(?:\/|$)|%/.test(path) && hasOtherSpelling(path)) throw new HttpError('FILE_NOT_FOUND');
  return path;
}

function hasOtherSpelling(path: string): boolean {
  const segments = splitPath(path);
  // That is refused on its own, as 403.
  if (segments.some((segment) => segment.split('/').includes('..'))) return false;
  return segments.some(
    (segment, index) => segment === '.' || segment.includes('/') || (segment === '' && index < segments.length - 1),
  );
}

/**
 * The file a request asks for: the last wildcard of the pattern that matched, else its path.
 * @throws HttpError FILE_NOT_FOUND, BAD_ESCAPE as {@link plainPath}
 */
export function requestedFile(
  request: http.IncomingMessage,
): Pick<SendFileOptions, 'filename' | 'encoded' | 'redirect'> {
  const { params, path } = request as http.IncomingMessage & { params?: Record<string, string>; path?: string };
  const whole = plainPath(path ?? request.url?.split('?', 1)[0] ?? '/');
  const wildcards = Object.keys(params ?? {}).filter((name) => /^\d+$/.test(name));
  const last = wildcards.length > 0 ? params?.[String(Math.max(...wildcards.map(Number)))] : undefined;
  if (last !== undefined) return { filename: last, redirect: true };
  return { filename: whole, encoded: true };
}
