import { claimAnswer, releaseAnswer } from '../exchange/claim.js';
import { encodeCookie, clearCookie } from '../http/cookie.js';
import { type SendFileOptions, sendFile } from '../file/send-file.js';
import { serverFiles } from '../server/server-files.js';
import { type Answer, type ResponseOptions, headersOf, planOf } from './answer.js';
import type { Request } from './request.js';

/** What a {@link FileResponse} takes (API row FR1), and what goes beyond the API. */
export interface FileResponseOptions
  extends
    ResponseOptions,
    Pick<
      SendFileOptions,
      'bufferSize' | 'headOnly' | 'safe' | 'index' | 'fallback' | 'listing' | 'dotfiles' | 'maxAge' | 'precompressed'
    > {
  /** Marks the file as a download (API row FR9). */
  readonly asAttachment?: boolean;
  /** The name of the download; the file's own unless said. */
  readonly downloadFilename?: string;
}

/**
 * A file below a root folder (API rows FR1–FR11): ranges, conditions, compressed neighbours, the `index` of a folder.
 *
 * **Security:** nothing outside the root is sent, by `..`, backslash, NUL or symbolic link, unless `safe` is false.
 */
export class FileResponse implements Answer {
  readonly request: Request;
  readonly #filename: string;
  readonly #rootPath: string | undefined;
  readonly #options: FileResponseOptions;

  /**
   * @param filename relative to the root; a `/` at its beginning is, too; one ending in `/` is the index of that folder
   * @param rootPath the server's `rootPath` unless said
   */
  constructor(request: Request, filename = 'index.html', rootPath?: string, options: FileResponseOptions = {}) {
    this.request = request;
    this.#filename = filename;
    this.#rootPath = rootPath;
    this.#options = options;
  }

  /**
   * @throws HttpError FILE_NOT_FOUND, FILES_DISABLED (404), PARENT_DIRECTORY_REFERENCE, BACKSLASH_IN_PATH,
   *   INVALID_PATH (403), RANGE_NOT_SATISFIABLE (416) …
   */
  async send(): Promise<void> {
    const { raw, response } = this.request;
    const { asAttachment, downloadFilename, status, headers, cookies, contentType, ...options } = this.#options;
    const plan = planOf({ ...(status !== undefined && { status }) }, { mode: 'text', payload: undefined });
    const fields = new Map(
      Object.entries(headersOf(headers)).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(String) : [String(value)],
      ]),
    );
    const lines = Object.entries(cookies ?? {}).map(([name, cookie]) => {
      if (cookie === null) return clearCookie(name);
      return typeof cookie === 'object' ? encodeCookie(name, cookie.value, cookie) : encodeCookie(name, String(cookie));
    });
    if (lines.length > 0) fields.set('Set-Cookie', [...(fields.get('Set-Cookie') ?? []), ...lines]);
    const files = serverFiles(raw, this.#rootPath);
    if (!claimAnswer(response)) return;
    try {
      await sendFile(raw, response, {
        ...options,
        ...files,
        filename: this.#filename,
        headers: [...fields],
        ...(plan.status !== undefined && { statusCode: plan.status as number }),
        ...(contentType !== undefined && { contentType }),
        ...(asAttachment !== undefined && { attachment: asAttachment }),
        ...(downloadFilename !== undefined && { downloadName: downloadFilename }),
      });
    } catch (error) {
      releaseAnswer(response);
      throw error;
    }
  }
}
