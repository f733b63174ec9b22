import type http from 'node:http';
import type { FileSender } from '../exchange/context.js';
import type { Exchange } from '../exchange/exchange.js';
import { FileCache } from '../file/file-cache.js';
import { MediaTypes } from '../file/media-types.js';
import { sendFile } from '../file/send-file.js';
import { type ServerFiles, plainPath, serverFiles } from './server-files.js';
import type { ServerSettings } from './settings.js';
import { uploadFolders } from './upload-folders.js';

/** The files of a server: what its settings say of them, and what sends them. */
export class FileService implements ServerFiles {
  readonly root: string;
  readonly mediaTypes: MediaTypes;
  readonly cache: FileCache;

  /**
   * @param before what it takes the place of: its cache is kept
   * @throws HttpError INVALID_SETTING for media types that cannot work
   */
  constructor(settings: Pick<ServerSettings, 'rootPath' | 'mediaTypes'>, before: FileService | undefined) {
    this.root = settings.rootPath;
    this.mediaTypes = MediaTypes.of(settings.mediaTypes);
    this.cache = before?.cache ?? new FileCache();
  }

  /** Sends a file of the machine. Rejects with what `sendFile` throws. */
  send(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    options: Parameters<FileSender>[2],
  ): Promise<void> {
    return sendFile(request, response, { ...options, mediaTypes: this.mediaTypes, sandboxed: uploadFolders.all });
  }

  /** Answers with the file of the root folder that is asked for. Rejects with FILE_NOT_FOUND, INVALID_PATH… */
  async serve({ request, response, path }: Exchange): Promise<void> {
    await sendFile(request, response, { ...serverFiles(request, ''), filename: plainPath(path), encoded: true });
  }
}
