import { constants } from 'node:fs';
import { access, opendir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Folders that are suggested at once while a path is typed. */
export const suggestedFolders = 30;

/** Folders that are listed at once to walk through them. */
export const listedFolders = 500;

/** What lies at a path of this machine, and folders to go on with. */
export interface FolderLook {
  /** `forbidden`: Node-RED may not read it, or not reach it. */
  readonly kind: 'folder' | 'file' | 'missing' | 'forbidden';
  /** The absolute path: a relative one is taken from the working directory of Node-RED. */
  readonly path: string;
  /** The folder at the path, else the nearest one above it. */
  readonly nearest: string;
  /** Whether Node-RED may write into `nearest`. */
  readonly writable: boolean;
  readonly folders: readonly string[];
}

/**
 * Looks at a path while it is being typed: `folders` are the paths that continue it, the folders inside it or those whose
 * names begin like its last part.
 *
 * **Security:** it tells which folders exist, so it is only for those who may change flows.
 */
export async function lookAtFolder(path: string): Promise<FolderLook> {
  const isInside = path === '' || path.endsWith('/') || path.endsWith(sep);
  const parent = isInside ? path : dirname(path);
  const beginning = isInside ? '' : basename(path);
  const names = (await foldersOf(resolve(parent)))
    .filter((name) => name.startsWith(beginning))
    .filter((name) => beginning.startsWith('.') || !name.startsWith('.'));
  return { ...(await place(path)), folders: names.map((name) => join(parent, name)).slice(0, suggestedFolders) };
}

/**
 * Looks at a path to walk on from there: `folders` are the names of all folders in `nearest`, hidden ones last.
 *
 * **Security:** as `lookAtFolder`.
 */
export async function listFolders(path: string): Promise<FolderLook> {
  const found = await place(path);
  const names = await foldersOf(found.nearest);
  const isHidden = (name: string): boolean => name.startsWith('.');
  const folders = [...names.filter((name) => !isHidden(name)), ...names.filter(isHidden)];
  return { ...found, folders: folders.slice(0, listedFolders) };
}

async function place(given: string): Promise<Omit<FolderLook, 'folders'>> {
  const path = resolve(given);
  const kind = await kindOf(path);
  let nearest = path;
  while (dirname(nearest) !== nearest && (await kindOf(nearest)) !== 'folder') nearest = dirname(nearest);
  const writable = await access(nearest, constants.W_OK).then(
    () => true,
    () => false,
  );
  return { kind, path, nearest, writable };
}

async function kindOf(path: string): Promise<FolderLook['kind']> {
  try {
    if (!(await stat(path)).isDirectory()) return 'file';
    await (await opendir(path)).close();
    return 'folder';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'missing';
  }
}

/** The names of the folders in a folder, links to folders among them, in order; none when it cannot be read. */
async function foldersOf(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const names = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isDirectory()) return entry.name;
      const isLink = entry.isSymbolicLink() && (await stat(join(parent, entry.name)).catch(() => null))?.isDirectory();
      return isLink === true ? entry.name : '';
    }),
  );
  return names.filter((name) => name !== '').sort();
}
