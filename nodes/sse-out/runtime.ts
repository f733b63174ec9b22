import { HttpError, claimAnswer, isAnswered, releaseAnswer } from '../../src/doors/exchange.js';
import {
  type EventHub,
  type ServerSentEvent,
  type StreamEvent,
  newEventHub,
  upgradeData,
} from '../../src/doors/live.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { clientIds } from '../lib/client-ids.js';
import { clientStatus } from '../lib/client-status.js';
import { demandServer } from '../lib/demand-server.js';
import { nextMessageId, requestOf, responseOf } from '../lib/message.js';
import { StatusLine } from '../lib/status-line.js';
import { lookupOf } from '../lib/typed-value.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type SseOutSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function SseOut(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (!settings) {
      refuseSettings(this, errors);
      return;
    }
    const server = settings.server === '' ? undefined : demandServer(RED, this, settings.server)?.server;
    if (settings.server === '' || server) stream(RED, this, settings, server?.eventChannels);
  }
  return SseOut;
};

function stream(RED: RuntimeApi, node: FlowNode, settings: SseOutSettings, shared: EventHub | undefined): void {
  // Requests of the core `http in` have no server: their channels are the node's own and end with it.
  const hub = shared ?? newEventHub();
  const status = new StatusLine(node);
  const { replay, heartbeat, maxClients, onFull, backlog } = settings;
  const options = { replay, heartbeat, maxClients, onFull, backlog, retry: settings.retry ?? undefined };
  const channelOf = lookupOf(RED, node, settings.channel);
  const eventOf = lookupOf(RED, node, settings.event);
  const isLooked = settings.channel.type !== 'str' || settings.event.type !== 'str';
  const own = settings.channel.type === 'str' && settings.channel.value !== '' ? settings.channel.value : node.id;
  hub.configure(node.id, options);
  hub.open(node.id, own, options);

  const tell = (event: StreamEvent): void => {
    const { client, channel, info, ...payload } = event;
    show(event);
    const upgrade = info.upgrade;
    node.send({ _msgid: nextMessageId(), payload: { ...payload, client, channel }, client, channel, upgrade });
  };
  const show = (event?: StreamEvent): void =>
    status.set({
      ...clientStatus(hub.channelsOf(node.id), node.id),
      ...(event && { event: event.event, _session: { type: 'http-server-sse', id: event.client } }),
    });

  const handle = (message: FlowMessage, named: unknown, eventName: unknown): void => {
    const channel = hub.named(node.id, textOf(message['channel']) ?? textOf(named) ?? own, options);
    const request = requestOf(message);
    const response = responseOf(message);
    if (request && response && (request.method === 'GET' || request.method === 'HEAD') && !isAnswered(response)) {
      if (!claimAnswer(response)) return;
      try {
        channel.join(request, response, { owner: node.id, upgrade: upgradeData(request) });
      } catch (error) {
        releaseAnswer(response);
        throw error;
      }
      return;
    }
    const ids = clientIds(message['client']);
    channel.publish(eventFrom(message, textOf(eventName)), { client: ids });
    if (message['close'] === true) channel.close(ids ?? channel.clients);
  };

  onInput(node, (message) => {
    if (!isLooked) {
      handle(message, settings.channel.value, settings.event.value);
      return undefined;
    }
    return Promise.all([channelOf(message), eventOf(message)]).then(([channel, event]) =>
      handle(message, channel, event),
    );
  });
  const detach = hub.attach(node.id, tell);
  show();
  node.on('close', () => {
    detach();
    status.close();
    if (!shared) hub.end();
  });
}

function eventFrom(message: FlowMessage, event: string | undefined): ServerSentEvent {
  const { id, retry, comment, fields } = message as {
    id?: unknown;
    retry?: unknown;
    comment?: unknown;
    fields?: unknown;
  };
  if (fields !== undefined && fields !== null && (typeof fields !== 'object' || Array.isArray(fields)))
    throw new HttpError('INVALID_PAYLOAD', { message: 'msg.fields must be an object of names and values.' });
  const parts = { data: message.payload, event: textOf(message['event']) ?? event, id, retry, comment, fields };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== null));
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
