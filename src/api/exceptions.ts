import { type ErrorCode, isHttpError } from '../errors.js';

/**
 * The API's exceptions (rows EX1–EX8) and the stable codes that stand for them: every error of the engine is an
 * `HttpError` with a `code`. `InvalidPathError` is the parent of two others, as in the API.
 */
export const exceptions = {
  ServerStoppedError: ['SERVER_STOPPED'],
  AuthenticationError: ['AUTHENTICATION_REQUIRED'],
  InvalidPathError: ['INVALID_PATH', 'PARENT_DIRECTORY_REFERENCE', 'BACKSLASH_IN_PATH'],
  ParentDirectoryReferenceError: ['PARENT_DIRECTORY_REFERENCE'],
  BackslashInPathError: ['BACKSLASH_IN_PATH'],
  ServingFilesDisabledError: ['FILES_DISABLED'],
  FileNotExistsError: ['FILE_NOT_FOUND'],
  WebsocketError: ['INVALID_MESSAGE', 'CLIENT_TOO_SLOW', 'CONNECTION_CLOSED'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/** True when a thrown value is what the API calls by this name. */
export function isException(error: unknown, name: keyof typeof exceptions): boolean {
  return isHttpError(error) && (exceptions[name] as readonly ErrorCode[]).includes(error.code);
}
