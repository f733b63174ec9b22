/**
 * Every error the engine raises on purpose: one class, one table.
 * `code` is stable and is what a Catch node or a caller tests; the texts may be reworded.
 */

/** What a code means: the default text, the HTTP status a client gets, and whether the text may leave the server. */
export interface ErrorEntry {
  readonly message: string;
  readonly status: number;
  /** True when `message` is safe to show to the client; otherwise it sees the reason phrase only. */
  readonly exposed: boolean;
}

const entry = (status: number, exposed: boolean, message: string): ErrorEntry => ({ message, status, exposed });

/** The one table of errors: code → default message, status, exposed or not. */
export const errorTable = {
  // the request
  BAD_REQUEST: entry(400, true, 'The request is malformed.'),
  BAD_ESCAPE: entry(400, true, 'The path contains a broken percent escape.'),
  BAD_HOST: entry(400, true, 'The Host header is missing or not valid.'),
  BAD_TARGET: entry(400, true, 'The request target is not valid.'),
  BAD_JSON: entry(400, true, 'The body is not valid JSON.'),
  FORBIDDEN_KEY: entry(400, true, 'The body contains a forbidden property name.'),
  BAD_BODY: entry(400, true, 'The body does not match its Content-Type or Content-Encoding.'),
  BAD_MULTIPART: entry(400, true, 'The multipart body is malformed.'),
  TOO_MANY_PARAMETERS: entry(400, true, 'The query or form has too many parameters.'),
  BODY_TRUNCATED: entry(400, true, 'The body ended before its announced length.'),
  REQUEST_TIMEOUT: entry(408, true, 'The request did not arrive in time.'),
  BODY_TOO_LARGE: entry(413, true, 'The body is larger than the limit.'),
  LIMIT_FILE_SIZE: entry(413, true, 'An uploaded file is larger than maxFileSize.'),
  LIMIT_FILES: entry(413, true, 'The upload has more files than maxFiles.'),
  LIMIT_FIELDS: entry(413, true, 'The form has too many fields.'),
  LIMIT_FIELD_SIZE: entry(413, true, 'A form field is too large.'),
  LIMIT_FIELD_NAME: entry(413, true, 'A form field name is too long.'),
  LIMIT_PARTS: entry(413, true, 'The upload has too many parts.'),
  LIMIT_HEADER_PAIRS: entry(413, true, 'A part of the upload has too many headers.'),
  URI_TOO_LONG: entry(414, true, 'The request target is too long.'),
  UNSUPPORTED_CHARSET: entry(415, true, 'The charset of the body is not supported.'),
  UNSUPPORTED_ENCODING: entry(415, true, 'The Content-Encoding of the body is not supported.'),
  UPLOADS_OFF: entry(415, true, 'Uploads are not accepted here.'),
  EXPECTATION_FAILED: entry(417, true, 'Only "Expect: 100-continue" is supported.'),
  MISDIRECTED: entry(421, true, 'This server does not serve that host name.'),
  HEADERS_TOO_LARGE: entry(431, true, 'The request headers are too large or too many.'),
  VERSION_NOT_SUPPORTED: entry(505, true, 'Only HTTP/1.0 and HTTP/1.1 are spoken here.'),
  // who may come in
  AUTHENTICATION_REQUIRED: entry(401, true, 'The request is not authenticated by any of the provided authentications.'),
  CERTIFICATE_REQUIRED: entry(403, true, 'A client certificate is required.'),
  INSUFFICIENT_SCOPE: entry(403, true, 'The credentials of the request do not allow this.'),
  ORIGIN_REFUSED: entry(403, true, 'Requests from this origin are not allowed.'),
  TOO_MANY_REQUESTS: entry(429, true, 'Too many requests.'),
  ACCESS_UNUSABLE: entry(503, false, 'The credentials this server demands are missing or not usable.'),
  // routing
  NOT_FOUND: entry(404, true, 'Not Found'),
  METHOD_NOT_ALLOWED: entry(405, true, 'The method is not allowed here.'),
  METHOD_NOT_IMPLEMENTED: entry(501, true, 'The method is not known.'),
  UPGRADE_REQUIRED: entry(426, true, 'This address speaks WebSocket only.'),
  BAD_PATTERN: entry(500, false, 'The path pattern is not valid.'),
  // files
  INVALID_PATH: entry(403, true, 'Invalid path'),
  PARENT_DIRECTORY_REFERENCE: entry(403, true, 'Parent directory reference in path'),
  BACKSLASH_IN_PATH: entry(403, true, 'Backslash in path'),
  FILE_NOT_FOUND: entry(404, true, 'File not found'),
  FILES_DISABLED: entry(404, true, 'Serving files is disabled: there is no root folder.'),
  PRECONDITION_FAILED: entry(412, true, 'A precondition of the request is not met.'),
  RANGE_NOT_SATISFIABLE: entry(416, true, 'The requested range lies outside the file.'),
  // the answer
  ALREADY_ANSWERED: entry(500, false, 'This request has already been answered.'),
  NO_RESPONSE: entry(500, false, 'The message carries no response object.'),
  INVALID_HEADER: entry(500, false, 'A response header is not valid.'),
  INVALID_STATUS: entry(500, false, 'The status code is not valid.'),
  INVALID_COOKIE: entry(500, false, 'A cookie is not valid.'),
  INVALID_REDIRECT: entry(500, false, 'The redirect is not valid.'),
  INVALID_PAYLOAD: entry(500, false, 'The payload cannot be sent.'),
  INVALID_SETTING: entry(503, false, 'A setting is not valid.'),
  RESPONSE_TIMEOUT: entry(504, true, 'The flow did not answer in time.'),
  INTERNAL_ERROR: entry(500, false, 'Internal Server Error'),
  // the server
  OVERLOADED: entry(503, true, 'The server is busy. Try again later.'),
  SHUTTING_DOWN: entry(503, true, 'The server is shutting down or restarting. Try again later.'),
  STORAGE_FULL: entry(507, true, 'There is no space left to store the upload.'),
  STORAGE_UNAVAILABLE: entry(503, true, 'The upload cannot be stored now.'),
  SERVER_STOPPED: entry(503, false, 'The server is stopped.'),
  PORT_IN_USE: entry(500, false, 'The port is already in use.'),
  PORT_FORBIDDEN: entry(500, false, 'The port is not permitted.'),
  LISTEN_FAILED: entry(500, false, 'The server cannot listen.'),
  NO_DESCRIPTORS: entry(
    503,
    false,
    'Node-RED has hardly a file descriptor left: new connections are refused. Allow it more (ulimit -n, LimitNOFILE) or set maxConnections.',
  ),
  BAD_CERTIFICATE: entry(500, false, 'The certificate or key cannot be used.'),
  // live connections
  UNKNOWN_CLIENT: entry(500, false, 'There is no such client.'),
  CLIENT_TOO_SLOW: entry(500, false, 'The client reads too slowly and was closed.'),
  CONNECTION_CLOSED: entry(500, false, 'The connection is closed.'),
  INVALID_MESSAGE: entry(500, false, 'A message of the client is not valid.'),
} as const satisfies Record<string, ErrorEntry>;

/** A stable error code: a key of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

/** What may be said when an {@link HttpError} is made. */
export interface HttpErrorOptions {
  /** Replaces the default message of the code. */
  readonly message?: string;
  /** Replaces the status of the code. */
  readonly status?: number;
  /** Headers the answer needs, such as `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What went wrong underneath. Never shown to a client. */
  readonly cause?: unknown;
  /** More for the log or the debug answer (a path of the machine, say). Never shown to a client unless `debug`. */
  readonly detail?: string;
}

/** An error with a stable code and the HTTP status that answers it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  readonly status: number;
  /** True when `message` may be shown to the client. */
  readonly exposed: boolean;
  readonly headers: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: HttpErrorOptions = {}) {
    const known = errorTable[code];
    super(options.message ?? known.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? known.status;
    this.exposed = known.exposed;
    this.headers = options.headers;
    this.detail = options.detail;
  }
}

/** Tells an {@link HttpError} from any other thrown value. */
export function isHttpError(error: unknown): error is HttpError {
  return error instanceof HttpError;
}
