import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { HttpError, sendError, toHttpError } from '../../src/doors/exchange.js';
import { responseOf } from './message.js';
import type { FlowMessage, FlowNode, Send } from './typings.js';
import type { Refusal } from './settings.js';

/** Handles one message. What it throws is answered (if the request still waits) and goes to the flow's Catch. */
export type InputHandler = (message: FlowMessage, send: Send) => void | Promise<void>;

type Done = (error?: Error) => void;

/**
 * Listens to a node's input. An error of the handler answers the waiting request at once (its own status, else 500)
 * and is reported by `done(error)`, never twice.
 */
export function onInput(node: FlowNode, handler: InputHandler): void {
  const fail = (message: FlowMessage, done: Done, thrown: unknown): void => {
    const error = toHttpError(thrown);
    answerError(node, message, error);
    done(error.code === 'INTERNAL_ERROR' ? reported(error) : error);
  };
  const listener = (message: FlowMessage, send: Send, done: Done): void => {
    try {
      const pending = handler(message, send);
      if (pending === undefined) done();
      else
        pending.then(
          () => done(),
          (thrown: unknown) => fail(message, done, thrown),
        );
    } catch (error) {
      fail(message, done, error);
    }
  };
  (node as EventEmitter).on('input', listener);
}

/** A node with settings that cannot work: red, one logged error, 503 and an error for every message. */
export function refuseSettings(node: FlowNode, refusals: readonly Pick<Refusal, 'property' | 'reason'>[]): void {
  const [first] = refusals;
  const text = refusals.map(({ property, reason }) => `${property}: ${reason}`).join(' ');
  node.status({ fill: 'red', shape: 'ring', text: first?.property ?? '' });
  node.error(text);
  onInput(node, () => {
    throw new HttpError('INVALID_SETTING', { message: text });
  });
}

function answerError(node: FlowNode, message: FlowMessage, error: HttpError): void {
  const response = responseOf(message);
  if (!response || error.code === 'ALREADY_ANSWERED' || response.headersSent) return;
  try {
    const id = sendError(response, error, { force: true });
    if (id) node.log(`Request ${id} was answered with an error: ${error.message}`);
  } catch (unexpected) {
    response.destroy();
    node.debug(unexpected);
  }
}

/** Catch nodes and the log show what really happened; JSONata throws objects that are no errors. */
function reported(error: HttpError): Error {
  const { cause } = error;
  if (types.isNativeError(cause)) return cause;
  const { message } = (cause ?? {}) as { message?: unknown };
  return typeof message === 'string' ? new HttpError('INTERNAL_ERROR', { message, cause }) : error;
}
