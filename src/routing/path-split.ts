import { HttpError } from '../errors.js';

/** The segments of a path, each percent-decoded once. `/a/` has two: "a" and "". */
export type PathSegments = readonly string[];

/**
 * Splits a pathname at `/` and decodes each segment once, so that `%2F` is a character of its segment. Nothing is
 * normalised: `..`, `//` and `;` are ordinary text.
 * @param path starts with `/`, without query
 * @throws HttpError BAD_ESCAPE for an escape that is broken or no UTF-8
 */
export function splitPath(path: string): PathSegments {
  // Twice as fast as split('/'), and each request is split once by the server and once by each route on its way.
  const segments: string[] = [];
  for (let start = path.indexOf('/'), end: number; start >= 0; start = end) {
    end = path.indexOf('/', start + 1);
    segments.push(path.slice(start + 1, end < 0 ? undefined : end));
  }
  if (!path.includes('%')) return segments;
  try {
    return segments.map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment));
  } catch {
    throw new HttpError('BAD_ESCAPE');
  }
}
