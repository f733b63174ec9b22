import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeHtml } from '../http/fields.js';

/** Entries of a folder that a listing shows at most. */
export const maxListed = 5000;

/** One row of a listing. */
export interface ListedEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds. */
  readonly modified: number;
}

/** The files and folders of a directory, folders first, by name; dot files only when allowed. */
export async function readListing(path: string, showDotfiles: boolean): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of await opendir(path)) {
    if (!showDotfiles && entry.name.startsWith('.')) continue;
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const stats = await stat(join(path, entry.name)).catch(() => undefined);
    if (stats)
      entries.push({ name: entry.name, isFolder: stats.isDirectory(), size: stats.size, modified: stats.mtimeMs });
    if (entries.length >= maxListed) break;
  }
  return entries.sort(
    (a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
}

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.3rem;overflow-wrap:anywhere}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8884}td:nth-child(n+2),th:nth-child(n+2){text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}' +
  'a{color:inherit;overflow-wrap:anywhere}a:hover,a:focus{text-decoration-thickness:2px}';

/** The page of a listing. Every name is escaped for HTML and percent-encoded in its link. */
export function encodeListing(entries: readonly ListedEntry[], shownPath: string): string {
  const title = `Index of ${escapeHtml(shownPath)}`;
  const rows = entries.map(({ name, isFolder, size, modified }) => {
    const shown = escapeHtml(isFolder ? `${name}/` : name);
    // "./" keeps a name with a colon from being read as a scheme.
    const link = `./${encodeURIComponent(name)}${isFolder ? '/' : ''}`;
    const date = new Date(modified).toISOString().slice(0, 16).replace('T', ' ');
    return `<tr><td><a href="${link}">${shown}</a></td><td>${isFolder ? '–' : sizeText(size)}</td><td>${date}</td></tr>`;
  });
  if (shownPath !== '/')
    rows.unshift('<tr><td><a href="../">../</a> <span>(parent folder)</span></td><td></td><td></td></tr>');
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${style}</style></head>` +
    `<body><main><h1>${title}</h1><table><thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Modified (UTC)</th></tr></thead><tbody>${rows.join('')}</tbody></table></main></body></html>`
  );
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}
