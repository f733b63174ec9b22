import { HttpError } from '../errors.js';

/** Close codes this server uses itself (RFC 6455 7.4.1; API row WS12). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  abnormal: 1006,
  invalidText: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  tryAgainLater: 1013,
} as const;

/** Bytes of reason that fit into a close frame beside the code. */
const maxReasonBytes = 123;

/**
 * A code that may stand in a close frame: 1000 to 1014 but for those that only describe what happened, 3000 to 4999.
 * @throws HttpError INVALID_PAYLOAD
 */
export function checkCloseCode(code: unknown): number {
  const isValid =
    typeof code === 'number' &&
    Number.isInteger(code) &&
    ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
      (code >= 3000 && code < 5000));
  if (isValid) return code;
  throw new HttpError('INVALID_PAYLOAD', { message: `${String(code)} is not a close code: use 1000 or 3000 to 4999.` });
}

/** A reason cut to the 123 bytes a close frame has room for, never inside a character (API row WS8). */
export function cutReason(reason: string): string {
  if (Buffer.byteLength(reason) <= maxReasonBytes) return reason;
  const bytes = Buffer.from(reason);
  let end = maxReasonBytes;
  // A byte 10xxxxxx continues the character before it.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** What a violation is answered with, by the code of the error that `ws` raises; it has sent that code already. */
export function codeOfViolation(error: Error & { readonly code?: unknown }): number {
  switch (error.code) {
    case 'WS_ERR_INVALID_UTF8':
    case 'Z_DATA_ERROR':
    case 'Z_BUF_ERROR':
      return closeCodes.invalidText;
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return closeCodes.messageTooBig;
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return closeCodes.policyViolation;
    default:
      return closeCodes.protocolError;
  }
}
