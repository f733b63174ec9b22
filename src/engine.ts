/** The engine for people who write code: an HTTP server in the words of the API, without Node-RED. */
export {
  HttpError,
  errorTable,
  isHttpError,
  type ErrorCode,
  type ErrorEntry,
  type HttpErrorOptions,
} from './errors.js';
export { silentLogger, type Logger } from './logger.js';
export { Server } from './api/server.js';
export type { ServerOptions } from './api/options.js';
export { Route, asRoute, type Handler, type RouteOptions } from './api/route.js';
export { Request } from './api/request.js';
export type { Answer, CookieValue, ResponseHeaders, ResponseOptions, StatusLike, StreamOptions } from './api/answer.js';
export { ChunkedResponse, JSONResponse, Redirect, Response, type Parts, type RedirectOptions } from './api/response.js';
export { FileResponse, type FileResponseOptions } from './api/file-response.js';
export { SSEResponse, type SSEEventOptions, type SSEResponseOptions } from './api/sse-response.js';
export { Websocket, libraryLimits, type SendOptions, type WebsocketOptions } from './api/websocket.js';
export {
  Basic,
  Bearer,
  Htpasswd,
  Jwt,
  Token,
  checkAuthentication,
  requireAuthentication,
  type Authentication,
  type TokenOptions,
} from './api/authentication.js';
export { MIMETypes, type MIMETypesOptions } from './api/mime-types.js';
export { exceptions, isException } from './api/exceptions.js';
export { CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE } from './api/methods.js';
export {
  CONNECTION_TIMED_OUT,
  NO_REQUEST,
  REQUEST_HANDLED_NO_RESPONSE,
  REQUEST_HANDLED_RESPONSE_SENT,
  type PollResult,
} from './api/poll-result.js';
export {
  Status,
  SWITCHING_PROTOCOLS_101,
  OK_200,
  CREATED_201,
  ACCEPTED_202,
  NO_CONTENT_204,
  PARTIAL_CONTENT_206,
  MOVED_PERMANENTLY_301,
  FOUND_302,
  TEMPORARY_REDIRECT_307,
  PERMANENT_REDIRECT_308,
  BAD_REQUEST_400,
  UNAUTHORIZED_401,
  FORBIDDEN_403,
  NOT_FOUND_404,
  METHOD_NOT_ALLOWED_405,
  TOO_MANY_REQUESTS_429,
  INTERNAL_SERVER_ERROR_500,
  NOT_IMPLEMENTED_501,
  SERVICE_UNAVAILABLE_503,
} from './http/status.js';
export { Headers, type HeaderSource } from './http/headers.js';
export { QueryParams } from './http/query-params.js';
export { FormData } from './http/form-data.js';
export { File, Files, type FileSource } from './http/files.js';
export { escapeHtml, type SafeOption } from './http/fields.js';
export type { CookieOptions } from './http/cookie.js';
export { PatternError, type Params } from './routing/path-pattern.js';
export { hashPassword } from './auth/password.js';
export type { Principal } from './auth/authenticator.js';
export type { TokenSource } from './auth/token.js';
export type { JwtOptions } from './auth/jwt.js';
export type { ServerState } from './server/server-state.js';
export type { ExchangeRecord } from './server/access-log.js';
export type { AdvertiseSettings, CorsSettings, Limits } from './server/settings.js';
export type { BodyOptions } from './server/entry.js';
export type { ExchangeResult } from './exchange/exchange.js';
export { IncomingMessage } from './exchange/request.js';
export { ServerResponse } from './exchange/response.js';
