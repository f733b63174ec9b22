import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { Stats } from 'node:fs';
import { HttpError } from '../errors.js';

/** What a file name may be. */
export interface NameRules {
  /** False lifts the checks for `..`, backslash and symbolic links. */
  readonly safe: boolean;
  readonly dotfiles: 'ignore' | 'deny' | 'allow';
  /** True for a path as a client sent it: each percent escape is decoded, once. */
  readonly encoded: boolean;
}

/**
 * Checks a file name and brings it into the form that is joined to a root: relative, with `/` between its parts
 * (API row FR5).
 *
 * **Security:** `..` as a part and any backslash are refused after decoding, NUL is never found, and dot files follow
 * `dotfiles`; `/.well-known/` at the top is public by its purpose (RFC 8615) and counts as none. Symbolic links are
 * {@link openInside}'s to check.
 * @throws HttpError PARENT_DIRECTORY_REFERENCE, BACKSLASH_IN_PATH (403), INVALID_PATH (denied dot file), FILE_NOT_FOUND,
 *   BAD_ESCAPE
 */
export function checkName(name: string, { safe, dotfiles, encoded }: NameRules): string {
  const decoded = encoded ? decodeName(name) : name;
  if (decoded.includes('\0')) throw new HttpError('FILE_NOT_FOUND');
  const parts = decoded.split('/');
  if (safe) {
    if (decoded.includes('\\')) throw new HttpError('BACKSLASH_IN_PATH', { message: `Backslash in path: ${decoded}` });
    if (parts.includes('..'))
      throw new HttpError('PARENT_DIRECTORY_REFERENCE', { message: `Parent directory reference in path: ${decoded}` });
  }
  const relative = decoded.replace(/^\/+/, '');
  const judged = relative.replace(/^\.well-known\//, '').split('/');
  if (dotfiles !== 'allow' && judged.some((part) => part.startsWith('.') && part !== '.' && part !== '..'))
    throw new HttpError(dotfiles === 'deny' ? 'INVALID_PATH' : 'FILE_NOT_FOUND');
  return relative;
}

/** A regular file that was opened, or a directory that was found. */
export type Opened =
  | { readonly kind: 'file'; readonly handle: FileHandle; readonly stats: Stats; readonly path: string }
  | { readonly kind: 'directory'; readonly path: string };

/**
 * Opens a checked name below a root.
 *
 * **Security:** the file that is served is the one that was checked: its real path is compared with the root's and with
 * the descriptor that is read (no swap between check and use). Opening never blocks on a FIFO; only regular files are
 * served.
 * @throws HttpError FILE_NOT_FOUND, OVERLOADED when no descriptor is left
 */
export async function openInside(root: string, name: string, safe: boolean): Promise<Opened> {
  const path = join(root, name);
  let handle: FileHandle | undefined;
  try {
    const real = safe ? await realpath(path) : path;
    // No part of a real path is a link: below the root as it is written is below the real one.
    const isBelow = isAbsolute(root) && isInside(root, real);
    if (safe && !isBelow && !isInside(await realpath(root), real)) throw notFound(path);
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | (safe ? constants.O_NOFOLLOW : 0));
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      await handle.close();
      return { kind: 'directory', path: real };
    }
    if (!stats.isFile() || name.endsWith('/')) throw notFound(path);
    return { kind: 'file', handle, stats, path: real };
  } catch (error) {
    await handle?.close().catch(() => undefined);
    throw error instanceof HttpError ? error : fileError(error, path);
  }
}

/** The error of a failed file operation, the machine's path only in its detail. */
export function fileError(cause: unknown, path: string): HttpError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE')
    return new HttpError('OVERLOADED', { cause, headers: { 'Retry-After': '5' } });
  return notFound(path, cause);
}

/** True for a path below one of these folders; a folder that is reached by a link counts, too. */
export async function isBelowAny(path: string, folders: Iterable<string>): Promise<boolean> {
  let real: string | undefined;
  for (const folder of folders) {
    real ??= await realpath(path).catch(() => resolve(path));
    if (isInside(folder, real) || isInside(await realpath(folder).catch(() => folder), real)) return true;
  }
  return false;
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function notFound(path: string, cause?: unknown): HttpError {
  return new HttpError('FILE_NOT_FOUND', { detail: `File does not exist: ${path}`, cause });
}

function decodeName(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    throw new HttpError('BAD_ESCAPE');
  }
}
