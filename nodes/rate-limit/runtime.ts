import { RateLimiter, networkOf, rateLimitHeaders, reject } from '../../src/doors/access.js';
import { HttpError } from '../../src/doors/exchange.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { requestOf, responseOf } from '../lib/message.js';
import { StatusLine } from '../lib/status-line.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type RateLimitSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function RateLimit(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (settings) limit(RED, this, settings);
    else refuseSettings(this, errors);
  }
  return RateLimit;
};

function limit(RED: RuntimeApi, node: FlowNode, settings: RateLimitSettings): void {
  const limiter = new RateLimiter({ limit: settings.limit, window: settings.window });
  const status = new StatusLine(node);
  let refused = 0;
  onInput(node, (message, send) => {
    const decision = limiter.take(keyOf(RED, settings, message));
    const response = responseOf(message);
    const headers = rateLimitHeaders(decision);
    if (decision.allowed) {
      if (response && !response.headersSent) for (const name in headers) response.setHeader(name, headers[name] ?? '');
      send(message);
      return;
    }
    refused += 1;
    status.set({ fill: 'yellow', shape: 'dot', text: `${refused} refused` });
    if (settings.onReject === 'output') {
      send([null, { ...message, rateLimit: decision }]);
      return;
    }
    if (!response) throw new HttpError('TOO_MANY_REQUESTS');
    reject(response, new HttpError('TOO_MANY_REQUESTS', { headers }));
  });
  node.on('close', () => status.close());
}

/**
 * What requests are counted by. A request without the wanted value shares the count of all that have none; an IPv6
 * address stands for its network.
 */
function keyOf(RED: RuntimeApi, { by, key }: RateLimitSettings, message: FlowMessage): string {
  const request = requestOf(message) as
    | { ip?: string; user?: { name?: unknown }; headers?: Record<string, unknown>; socket?: { remoteAddress?: string } }
    | undefined;
  switch (by) {
    case 'ip':
      return networkOf(request?.ip ?? request?.socket?.remoteAddress ?? '');
    case 'user':
      return textOf(request?.user?.name);
    case 'header':
      return textOf(request?.headers?.[key.toLowerCase()]);
    case 'msg':
      return textOf(propertyOf(RED, message, key));
  }
}

/** A property of a message; undefined where the path to it ends early. */
function propertyOf(RED: RuntimeApi, message: FlowMessage, path: string): unknown {
  try {
    return RED.util.getMessageProperty(message, path) as unknown;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
