import type http from 'node:http';
import { HttpError } from '../errors.js';
import { IncomingMessage } from '../exchange/request.js';
import type { FileCache } from '../file/file-cache.js';
import type { MediaTypes } from '../file/media-types.js';
import type { SendFileOptions } from '../file/send-file.js';
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

/** The file a request asks for: the last wildcard of the pattern that matched, else its path. */
export function requestedFile(
  request: http.IncomingMessage,
): Pick<SendFileOptions, 'filename' | 'encoded' | 'redirect'> {
  const { params, path } = request as http.IncomingMessage & { params?: Record<string, string>; path?: string };
  const wildcards = Object.keys(params ?? {}).filter((name) => /^\d+$/.test(name));
  const last = wildcards.length > 0 ? params?.[String(Math.max(...wildcards.map(Number)))] : undefined;
  if (last !== undefined) return { filename: last, redirect: true };
  return { filename: path ?? request.url?.split('?', 1)[0] ?? '/', encoded: true };
}
