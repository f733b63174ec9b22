import { type AnswerPlan, joinAnswer, sendAnswer } from '../../src/doors/answer.js';
import { HttpError, isAnswered } from '../../src/doors/exchange.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { groupHeaders } from '../lib/setting-field.js';
import { responseOf } from '../lib/message.js';
import { withoutLeftovers } from '../lib/request-mark.js';
import { lookupOf } from '../lib/typed-value.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type HttpServerResponseSettings, readConfig } from './config.js';
import type * as Shared from './shared.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function HttpServerResponse(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (settings) respond(RED, this, settings);
    else refuseSettings(this, errors);
  }
  return HttpServerResponse;
};

function respond(RED: RuntimeApi, node: FlowNode, settings: HttpServerResponseSettings): void {
  const contentTypeOf = lookupOf(RED, node, settings.contentType);
  const redirectUrlOf = lookupOf(RED, node, settings.redirectUrl);
  const isLooked = settings.contentType.type !== 'str' || settings.redirectUrl.type !== 'str';
  const own = groupHeaders(settings.headers);
  const ownHeaders = Object.fromEntries(own);
  const ownNames = new Set(own.map(([name]) => name.toLowerCase()));
  const hasOwn = ownNames.size > 0;
  const hasOwnCookies = Object.keys(settings.cookies).length > 0;

  const planOf = (message: FlowMessage, contentType: unknown, redirectUrl: unknown): AnswerPlan => ({
    mode: settings.mode,
    payload: message.payload,
    status: settings.statusCode ?? statusOf(message.statusCode, settings.mode),
    reason: message.statusText,
    headers: hasOwn ? { ...notNamed(headersOf(message), ownNames), ...ownHeaders } : headersOf(message),
    cookies: hasOwnCookies ? { ...cookiesOf(message), ...settings.cookies } : cookiesOf(message),
    contentType: textOf('contentType', contentType ?? message.contentType),
    redirectUrl: redirectUrl ?? message.redirectUrl,
    permanent: settings.permanent,
    preserveMethod: settings.preserveMethod,
    complete: message.complete === true,
  });

  const shared =
    settings.mode === 'chunked' && settings.shared
      ? (require('./shared.js') as typeof Shared).shareAnswer(node)
      : undefined;

  const answer = (message: FlowMessage, contentType: unknown, redirectUrl: unknown): void | Promise<void> => {
    const response = responseOf(message);
    if (shared) {
      const method = response?.req.method;
      if (response && (method === 'GET' || method === 'HEAD') && !isAnswered(response))
        warn(node, joinAnswer(response, planOf(message, contentType, redirectUrl), shared));
      else
        try {
          shared.send(message.payload, textOf('contentType', message.contentType));
        } finally {
          if (message.complete === true) shared.end();
        }
      return;
    }
    if (!response)
      throw new HttpError('NO_RESPONSE', {
        message:
          'The message carries no response object (msg.res): it does not come from a request, or a node on the way made a new message.',
      });
    const dropped = sendAnswer(response, planOf(message, contentType, redirectUrl));
    if (dropped instanceof Promise) return dropped.then((names) => warn(node, names));
    warn(node, dropped);
  };

  onInput(node, (message) => {
    if (!isLooked) return answer(message, contentTypeOf(message), redirectUrlOf(message));
    return Promise.all([contentTypeOf(message), redirectUrlOf(message)]).then(([type, url]) =>
      answer(message, type, url),
    );
  });
}

function warn(node: FlowNode, dropped: readonly string[]): void {
  if (dropped.length > 0) node.warn(`The server sets ${dropped.join(', ')} itself; left out of the answer.`);
}

function headersOf({ headers }: FlowMessage): Record<string, unknown> {
  if (headers === undefined || headers === null) return {};
  if (typeof headers !== 'object' || Array.isArray(headers))
    throw new HttpError('INVALID_HEADER', { message: 'msg.headers must be an object of names and values.' });
  return withoutLeftovers(headers as Record<string, unknown>);
}

function notNamed(headers: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())));
}

function cookiesOf({ cookies }: FlowMessage): Record<string, unknown> {
  return typeof cookies === 'object' && cookies !== null ? (cookies as Record<string, unknown>) : {};
}

/** A redirect ignores a status outside 300–399: it is what an `http request` left behind. */
function statusOf(status: unknown, mode: string): unknown {
  if (status === undefined || status === null || status === '') return undefined;
  if (mode !== 'redirect') return status;
  const code = Number(status);
  return code >= 300 && code <= 399 ? status : undefined;
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && /^[\t -~\u0080-\u00ff]*$/.test(value)) return value;
  throw new HttpError('INVALID_HEADER', { message: `${name} must be text without line breaks.` });
}
