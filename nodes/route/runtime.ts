import { HttpError, claimAnswer } from '../../src/doors/exchange.js';
import { RouteTable, answerUnmatched, applyRoutes } from '../../src/doors/routing.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { requestOf, responseOf } from '../lib/message.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties, Send } from '../lib/typings.js';
import { type RouteSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function Route(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (settings) route(this, settings);
    else refuseSettings(this, errors);
  }
  return Route;
};

function route(node: FlowNode, { rules, otherwise }: RouteSettings): void {
  const table = new RouteTable(rules.map((rule, value) => ({ ...rule, value })));
  const outputs = rules.length + (otherwise === 'output' ? 1 : 0);
  // Node-RED reads the row before `send` returns: one serves all messages, however many outputs there are.
  const row = Array<FlowMessage | null>(outputs).fill(null);
  const sendTo = (send: Send, output: number, message: FlowMessage): void => {
    if (outputs === 1) {
      send(message);
      return;
    }
    row[output] = message;
    try {
      send(row);
    } finally {
      row[output] = null;
    }
  };
  onInput(node, (message, send) => {
    const request = requestOf(message);
    const response = responseOf(message);
    if (!request || !response) throw new HttpError('NO_RESPONSE');
    const match = applyRoutes(table, request);
    if (match.kind === 'match') sendTo(send, match.value, message);
    else if (otherwise === 'output') sendTo(send, rules.length, message);
    else if (claimAnswer(response)) return answerUnmatched(request, response, match, otherwise === 'files');
    return undefined;
  });
}
