import { Lockout, admitRequest, defaultSettings, reject } from '../../src/doors/access.js';
import { type ErrorCode, HttpError, isHttpError } from '../../src/doors/exchange.js';
import { AccessReference } from '../lib/access-reference.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { maskPayload, requestOf, responseOf } from '../lib/message.js';
import { unusableStatus } from '../lib/server-node.js';
import { StatusLine } from '../lib/status-line.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties, Send, Status } from '../lib/typings.js';
import { type AuthSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  const guards = new Set<() => void>();
  // Credentials of another tab may be made after the node that demands them.
  RED.events.on('flows:started', () => {
    for (const show of guards) show();
  });

  function Auth(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (settings) guard(this, settings);
    else refuseSettings(this, errors);
  }

  function guard(node: FlowNode, { access: id, scope, onReject }: AuthSettings): void {
    const status = new StatusLine(node);
    let rejected = 0;
    const show = (): void => {
      status.set(access.problem === '' ? countStatus(rejected) : unusableStatus);
    };
    const access = new AccessReference(RED, id, show);
    // Requests of the core http in have no server of ours that counts failures.
    const lockout = new Lockout({ limit: defaultSettings.lockout });

    /** Answers, or hands the message to the second output; what is no refusal is thrown. */
    const refuse = (error: unknown, message: FlowMessage, send: Send): void => {
      if (!isHttpError(error) || error.code === 'ACCESS_UNUSABLE') throw error;
      rejected += 1;
      if (error.code === 'TOO_MANY_REQUESTS') status.set(lockedStatus);
      else show();
      const response = responseOf(message);
      // Who has to wait is told so whatever the flow does with the others.
      if (onReject === 'output' && handedOut.has(error.code)) send([null, message]);
      else if (response) reject(response, error);
    };

    guards.add(show);
    if (access.problem !== '') show();
    onInput(node, (message, send) => {
      const request = requestOf(message);
      if (!request || !responseOf(message)) throw new HttpError('NO_RESPONSE');
      try {
        const admitted = admitRequest(request, access, () => lockout, scope);
        maskPayload(message, access.places.query);
        if (admitted instanceof Promise)
          return admitted.then(
            () => send(message),
            (error: unknown) => refuse(error, message, send),
          );
      } catch (error) {
        refuse(error, message, send);
        return undefined;
      }
      send(message);
      return undefined;
    });
    node.on('close', () => {
      guards.delete(show);
      access.close();
      status.close();
    });
  }

  return Auth;
};

/** The refusals that the second output gets: strangers, and users whose token does not allow it. */
const handedOut: ReadonlySet<string> = new Set<ErrorCode>(['AUTHENTICATION_REQUIRED', 'INSUFFICIENT_SCOPE']);

const lockedStatus: Status = { fill: 'yellow', shape: 'ring', text: 'locked out', event: 'lockout' };

function countStatus(rejected: number): Status {
  return rejected > 0 ? { fill: 'grey', shape: 'dot', text: `${rejected} rejected` } : {};
}
