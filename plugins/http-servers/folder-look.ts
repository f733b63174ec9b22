import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Folders that are suggested at once. */
export const suggestedFolders = 30;

/** What lies at a path of this machine, and the folders that continue it. */
export interface FolderLook {
  readonly kind: 'folder' | 'file' | 'missing';
  /** Paths that begin with the given one: the folders inside it, or those whose names begin like its last part. */
  readonly folders: readonly string[];
}

/**
 * Looks at a path while it is being typed. A relative one is taken from the working directory of Node-RED.
 *
 * **Security:** it tells which folders exist, so it is only for those who may change flows.
 */
export async function lookAtFolder(path: string): Promise<FolderLook> {
  const kind = await kindOf(resolve(path));
  const isInside = path === '' || path.endsWith('/') || path.endsWith(sep);
  const parent = isInside ? path : dirname(path);
  const beginning = isInside ? '' : basename(path);
  const entries = await readdir(resolve(parent), { withFileTypes: true }).catch(() => []);
  const folders = entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(beginning))
    .filter(({ name }) => beginning.startsWith('.') || !name.startsWith('.'))
    .map(({ name }) => join(parent, name))
    .sort()
    .slice(0, suggestedFolders);
  return { kind, folders };
}

async function kindOf(path: string): Promise<FolderLook['kind']> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}
