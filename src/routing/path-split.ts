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
  const segments = path.split('/');
  segments.shift();
  if (!path.includes('%')) return segments;
  try {
    return segments.map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment));
  } catch {
    throw new HttpError('BAD_ESCAPE');
  }
}
