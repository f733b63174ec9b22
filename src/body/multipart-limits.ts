import { parseParameterized } from '../http/header.js';
import { malformed } from './part-watch.js';

/** Limits of a multipart body that no setting changes. Sizes in bytes. */
export const multipartLimits = {
  fields: 100,
  fieldSize: 64 * 1024,
  fieldNameSize: 100,
  parts: 110,
  headerPairs: 32,
  boundaryLength: 70,
} as const;

// Printable ASCII that does not end in a space (RFC 2046 5.1.1), without what would need an escape in a quoted string
const boundaryText = /^[ -~]*[!-~]$/;

/**
 * The boundary a multipart Content-Type names (RFC 2046 5.1.1).
 * @throws HttpError BAD_MULTIPART
 */
export function parseBoundary(contentType: string): string {
  const boundary = parseParameterized(contentType).parameters['boundary'] ?? '';
  if (boundary === '') throw malformed('the Content-Type names no boundary');
  if (boundary.length > multipartLimits.boundaryLength)
    throw malformed(`the boundary is longer than ${multipartLimits.boundaryLength} characters`);
  if (!boundaryText.test(boundary) || /["\\]/.test(boundary))
    throw malformed('the boundary contains a character it may not contain');
  return boundary;
}
