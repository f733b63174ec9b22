import { resolve } from 'node:path';
import { removeStaleFolders } from '../body/temporary-folder.js';
import type { BodyOptions, Entry } from './entry.js';

/** The folder in which these options keep uploads; '' when they keep none, or decide request by request. */
export function uploadFolderOf(body: Entry['body']): string {
  if (typeof body === 'function') return '';
  const { mode, upload, uploadDir }: BodyOptions = body;
  return mode === 'parsed' && upload === 'disk' ? uploadDir : '';
}

/**
 * Folders that strangers upload to, over all servers of this process: what lies below them is never served as a page
 * of its own, whoever serves it. A folder stays known until the process ends, because its files stay, too.
 */
export class UploadFolders {
  readonly #folders = new Set<string>();

  /** Makes a folder known and removes what a crash left half-written in it. Never fails. */
  async open(folder: string): Promise<void> {
    this.#folders.add(resolve(folder));
    await removeStaleFolders(folder);
  }

  /** Absolute paths. */
  get all(): ReadonlySet<string> {
    return this.#folders;
  }
}

/** The upload folders of this process. */
export const uploadFolders = new UploadFolders();
