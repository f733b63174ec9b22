import type http from 'node:http';
import { HttpError } from '../errors.js';

const claim = Symbol('answer claimed');

/** A response somebody may have claimed; works for our own and for those of the core `http in`. */
type Claimable = http.ServerResponse & { [claim]?: object | undefined };

/** True when the client has left before its answer was complete: whatever is sent now is dropped. */
export function isGone(response: http.ServerResponse): boolean {
  if (response.writableEnded) return false;
  return response.destroyed || response.socket?.destroyed === true || wasAborted(response.req);
}

/**
 * Claims the right to answer. Who answers later fails, also while the winner still works (opens a file, say).
 * @param owner kept with the claim: an answer that several messages write finds itself by {@link claimOf}
 * @returns false when the client has left: the caller drops its answer silently
 * @throws HttpError ALREADY_ANSWERED
 */
export function claimAnswer(response: http.ServerResponse, owner: object = response): boolean {
  if (isGone(response)) return false;
  if (isAnswered(response)) throw new HttpError('ALREADY_ANSWERED');
  (response as Claimable)[claim] = owner;
  return true;
}

/** Gives a claim back when nothing was sent, so that somebody else may answer. */
export function releaseAnswer(response: http.ServerResponse): void {
  if (!response.headersSent) (response as Claimable)[claim] = undefined;
}

/** What was kept with the claim; undefined without one. */
export function claimOf(response: http.ServerResponse): object | undefined {
  return (response as Claimable)[claim];
}

/** True while an answer is written by several messages: its claim says so by `inParts`. */
export function isWrittenInParts(response: http.ServerResponse): boolean {
  return !response.writableEnded && (claimOf(response) as { inParts?: boolean } | undefined)?.inParts === true;
}

/** True when somebody works on the answer or has sent it. */
export function isAnswered(response: http.ServerResponse): boolean {
  return response.headersSent || response.writableEnded || (response as Claimable)[claim] !== undefined;
}

/** Node marks a request whose client left while it was read; the engine marks those whose client left later. */
function wasAborted(request: http.IncomingMessage): boolean {
  return (request as { aborted?: boolean }).aborted === true;
}
