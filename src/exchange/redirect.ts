import { HttpError } from '../errors.js';

/** What decides the status of a redirect (API row RD2). */
export interface RedirectOptions {
  readonly permanent?: boolean | undefined;
  readonly preserveMethod?: boolean | undefined;
  /** An explicit status of the node, 300–399; may not come with either flag. */
  readonly status?: number | undefined;
}

/**
 * The status of a redirect: 302, permanent 301, preserving the method 307, both 308 (API row RD2).
 * @throws HttpError INVALID_REDIRECT for an explicit status with a flag or outside 300–399
 */
export function redirectStatus({ permanent = false, preserveMethod = false, status }: RedirectOptions): number {
  if (status === undefined) return permanent ? (preserveMethod ? 308 : 301) : preserveMethod ? 307 : 302;
  if (permanent || preserveMethod)
    throw new HttpError('INVALID_REDIRECT', {
      message: 'Cannot specify both status and permanent/preserve_method argument',
    });
  if (status < 300 || status > 399)
    throw new HttpError('INVALID_REDIRECT', {
      message: `The status of a redirect must lie between 300 and 399, not ${status}.`,
    });
  return status;
}

/**
 * A target for `Location`, sent as given (non-ASCII characters percent-encoded as UTF-8, RFC 3986).
 *
 * **Security:** control characters are refused. Where the target comes from a query, the flow must check it itself:
 * any other site is a valid target.
 * @throws HttpError INVALID_REDIRECT
 */
export function checkLocation(url: unknown): string {
  if (typeof url !== 'string' || url === '')
    throw new HttpError('INVALID_REDIRECT', {
      message: 'There is no address to redirect to: set redirectUrl on the node or msg.redirectUrl.',
    });
  if (/[\u0000-\u001f\u007f]/.test(url))
    throw new HttpError('INVALID_REDIRECT', {
      message: 'The redirect address contains a line break or another control character.',
    });
  return url.replace(/[^\u0021-\u007e]+/g, (part) =>
    Buffer.from(part).reduce((out, byte) => `${out}%${byte.toString(16).toUpperCase()}`, ''),
  );
}
