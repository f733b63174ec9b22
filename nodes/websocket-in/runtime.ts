import { claimAnswer, releaseAnswer, sendError, toHttpError, HttpError } from '../../src/doors/exchange.js';
import {
  type SocketChannelOptions,
  type SocketEvent,
  acceptWebSocket,
  isPendingUpgrade,
  parseJson,
  upgradeRequired,
} from '../../src/doors/live.js';
import type { Server } from '../../src/doors/server.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { clientStatus } from '../lib/client-status.js';
import { demandServer } from '../lib/demand-server.js';
import { nextMessageId, requestOf, responseOf } from '../lib/message.js';
import { StatusLine } from '../lib/status-line.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { ClientInfo, FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type WebsocketInSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function WebsocketIn(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (!settings) {
      refuseSettings(this, errors);
      return;
    }
    const server = demandServer(RED, this, settings.server)?.server;
    if (server) accept(this, settings, server);
  }
  return WebsocketIn;
};

function accept(node: FlowNode, settings: WebsocketInSettings, server: Server): void {
  const hub = server.socketChannels;
  const status = new StatusLine(node);
  const limits: SocketChannelOptions = { ...settings, parseJson };
  hub.configure(node.id, limits);
  const name = settings.channel || node.id;
  const channel = hub.openAlone(node.id, name, limits);
  /** Clients that came to the channel by other nodes. */
  const others = (): number => hub.all(name).reduce((sum, one) => (one === channel ? sum : sum + one.count), 0);

  const show = (event?: SocketEvent<ClientInfo>): void => {
    status.set({
      ...clientStatus([{ name, count: channel.count + others() }], node.id),
      ...(event && { event: event.event, _session: sessionOf(event.client) }),
    });
  };
  const tell = (event: SocketEvent<ClientInfo>): void => {
    const about: FlowMessage = {
      _msgid: nextMessageId(),
      payload: undefined,
      client: event.client,
      channel: event.channel,
      upgrade: event.info.upgrade,
      _session: sessionOf(event.client),
    };
    if (event.event === 'message') {
      about.payload = event.data;
      node.send(about);
      return;
    }
    show(event);
    const { client } = event;
    const ended = event.event === 'connect' ? {} : { code: event.code, reason: event.reason };
    about.payload = { event: event.event, client, channel: name, count: event.count + others(), ...ended };
    node.send([null, about]);
    // What a client got wrong is the flow's to catch: the connection may well stay.
    if (event.event === 'error') node.error(event.error, { ...about });
  };

  onInput(node, (message) => {
    const request = requestOf(message);
    const response = responseOf(message);
    if (!request || !response) throw new HttpError('NO_RESPONSE');
    if (!claimAnswer(response)) return;
    try {
      if (!isPendingUpgrade(request)) throw upgradeRequired();
      acceptWebSocket(request, channel, node.id);
    } catch (thrown) {
      const error = toHttpError(thrown);
      releaseAnswer(response);
      if (error.status >= 500 && error.code !== 'OVERLOADED') throw error;
      if (isPendingUpgrade(request)) request.exchange.result = 'rejected';
      sendError(response, error);
    }
  });
  const detach = hub.attach(node.id, tell);
  show();
  node.on('close', () => {
    detach();
    status.close();
  });
}

function sessionOf(id: string): { type: string; id: string } {
  return { type: 'http-server-websocket', id };
}
