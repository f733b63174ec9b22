import { randomBytes } from 'node:crypto';

/** Characters of a client's file name that are kept, and of those for its extension. */
export const longestOriginalName = 255;
const longestExtension = 20;
/** Bytes of the client's name in a stored name: file systems take 255 in all. */
const longestStem = 100;

/** The client's file name as data: cut in the middle to 255 characters, the extension kept. Never use it as a path. */
export function originalName(filename: string): string {
  if (filename.length <= longestOriginalName) return filename;
  const extension = extensionOf(filename);
  return (filename.slice(0, longestOriginalName - extension.length) + extension).replace(
    /[\ud800-\udbff](?![\udc00-\udfff])/g,
    '',
  );
}

/**
 * The name a file is stored under: readable, unique, and safe on every file system.
 *
 * **Security:** letters, digits, `.`, `_` and `-` only; no leading dot, no device name, no path; a random part that
 * nobody can guess or overwrite.
 */
export function storedName(filename: string): string {
  const clean = originalName(filename)
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '_')
    .replace(/^[._-]+/, '');
  const extension = extensionOf(clean);
  const stem = cutBytes(clean.slice(0, clean.length - extension.length), longestStem) || 'file';
  return `${stem}-${randomBytes(8).toString('hex')}${extension}`;
}

/** The last `.ext`, '' when there is none or it is too long to be one. */
function extensionOf(name: string): string {
  return new RegExp(`\\.[^.]{1,${longestExtension}}$`).exec(name.slice(-longestExtension - 1))?.[0] ?? '';
}

function cutBytes(text: string, bytes: number): string {
  let cut = text.slice(0, bytes);
  while (Buffer.byteLength(cut) > bytes) cut = cut.slice(0, -1);
  return cut.replace(/[\ud800-\udbff]$/, '');
}
