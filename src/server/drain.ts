import { sendError } from '../exchange/error-answer.js';
import { isAnswered } from '../exchange/claim.js';
import type { HttpError } from '../errors.js';
import type { Connections } from './connections.js';
import type { InFlight } from './in-flight.js';
import type { Listener } from './listener.js';

/** Milliseconds between two looks for connections that have become idle. */
const sweepInterval = 50;
/** Milliseconds after the last connection was closed that a TLS handshake may still keep the old listener. */
const lastWait = 250;

/** What a server that stops lets run out. */
export interface Draining {
  readonly listener: Listener;
  readonly inFlight: InFlight;
  readonly connections: Connections;
  /** The answer to requests nobody has begun to answer. */
  readonly refusal: HttpError;
  /** True: requests nobody has begun to answer get the time as well. */
  readonly wait: boolean;
  /** Seconds that begun answers, and clients that are told to leave, get. */
  readonly seconds: number;
}

/**
 * Lets a server run out that no longer listens: unanswered requests are refused, begun answers and clients that are
 * told to leave get their time, then every connection is closed.
 */
export async function drain({ listener, inFlight, connections, refusal, wait, seconds }: Draining): Promise<void> {
  const closed = listener.close();
  const refuse = (force: boolean): void => {
    for (const exchange of [...inFlight.open]) {
      const { response } = exchange;
      response.shouldKeepAlive = false;
      if (!response.headersSent && (force || !isAnswered(response))) sendError(response, refusal, { force });
    }
  };
  if (!wait) refuse(false);
  else for (const { response } of inFlight.open) response.shouldKeepAlive = false;
  const sweep = setInterval(() => {
    listener.closeIdle();
    connections.closeUnused();
  }, sweepInterval);
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    deadline = setTimeout(() => {
      // Somebody works on these answers and has not got to their first byte.
      refuse(true);
      connections.destroyAll();
      deadline = setTimeout(resolve, lastWait);
    }, seconds * 1000);
  });
  await Promise.race([closed, late]);
  clearTimeout(deadline);
  clearInterval(sweep);
  connections.destroyAll();
}
