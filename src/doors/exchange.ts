/** What every node needs that handles requests: their errors, who answers, and what of them may be shown. */
export { HttpError, isHttpError, type ErrorCode } from '../errors.js';
export type { Exchange } from '../exchange/exchange.js';
export { claimAnswer, isAnswered, isGone, releaseAnswer } from '../exchange/claim.js';
export { sendError, toHttpError } from '../exchange/error-answer.js';
export type { ServerResponse } from '../exchange/response.js';
export { maskValues } from '../http/mask.js';
export { carriesBody } from '../server/body-intake.js';
