/** The engine in one piece: an HTTP server that hands out exchanges. Usable without Node-RED; its nodes load what they need through `doors`. */
export { HttpError, errorTable, isHttpError, type ErrorCode } from './errors.js';
export { silentLogger, type Logger } from './logger.js';
export { Server } from './server/server.js';
export { retryInterval } from './server/server-state.js';
export type { ServerState } from './server/server-state.js';
export {
  defaultLimits,
  defaultSettings,
  type Address,
  type Limits,
  type ServerSettings,
  type TlsMaterial,
} from './server/settings.js';
export { defaultBodyOptions, type BodyOptions, type Entry } from './server/entry.js';
export type { ExchangeRecord } from './server/access-log.js';
export { carriesBody } from './server/body-intake.js';
export type { Exchange, ExchangeResult } from './exchange/exchange.js';
export type { HeaderField, RouteInfo } from './exchange/context.js';
export { IncomingMessage } from './exchange/request.js';
export { ServerResponse } from './exchange/response.js';
export { claimAnswer, isAnswered, isGone, releaseAnswer } from './exchange/claim.js';
export { prepareHead, sendWhole, type Head } from './exchange/answer.js';
export { reject } from './exchange/reject.js';
export { sendError, toHttpError } from './exchange/error-answer.js';
export { encodePayload, isStreamable } from './exchange/payload.js';
export { sendStream } from './exchange/stream-answer.js';
export { ChunkedAnswer } from './exchange/chunked-answer.js';
export { RouteTable, RuleError, type RouteMatch } from './routing/route-table.js';
export { PatternError, compilePattern, type Params } from './routing/path-pattern.js';
export { HandOver, handOver } from './server/hand-over.js';
export { applyRoutes } from './exchange/apply-routes.js';
export { answerUnmatched } from './exchange/unmatched.js';
export { redirectStatus, checkLocation } from './exchange/redirect.js';
export { sendFile } from './file/send-file.js';
export { encodeCookie, clearCookie } from './http/cookie.js';
export { joinAnswer, sendAnswer, type AnswerPlan } from './exchange/response-answer.js';
export { SharedAnswer } from './exchange/shared-answer.js';
export { requestedFile, serverFiles } from './server/server-files.js';
export {
  type ClientInfo,
  type EventHub,
  type SocketHub,
  type StreamEvent,
  newEventHub,
} from './server/live-channels.js';
export { acceptWebSocket } from './server/accept-websocket.js';
export { isPendingUpgrade, upgradeData, type UpgradeData } from './server/upgrade-data.js';
export type { SendResult, SocketChannel } from './websocket/channel.js';
export type { SocketChannelOptions, SocketEvent } from './websocket/channel-options.js';
export type { ServerSentEvent } from './sse/encode-event.js';
export { upgradeRequired } from './websocket/handshake.js';
export { RateLimiter, rateLimitHeaders } from './auth/rate-limiter.js';
export { networkOf } from './auth/network-of.js';
export { parseJson } from './body/json.js';
export { Access, type AccessCheck, type AccessEntry, type AccessResult } from './auth/access.js';
export { maskValues } from './http/mask.js';
export { expiryOf } from './server/secure-options.js';
export { admitRequest } from './server/admit-request.js';
export { Lockout, type Locked } from './auth/lockout.js';
export { hashPassword } from './auth/password.js';
export type { AuthRequest, Principal } from './auth/authenticator.js';
