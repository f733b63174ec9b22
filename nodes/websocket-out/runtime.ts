import { HttpError } from '../../src/doors/exchange.js';
import type { ClientInfo, SendResult, SocketChannel } from '../../src/doors/live.js';
import type { Server } from '../../src/doors/server.js';
import { onInput, refuseSettings } from '../lib/answer-errors.js';
import { clientIds } from '../lib/client-ids.js';
import { clientStatus } from '../lib/client-status.js';
import { demandServer } from '../lib/demand-server.js';
import { StatusLine } from '../lib/status-line.js';
import { lookupOf } from '../lib/typed-value.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowMessage, FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type WebsocketOutSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function WebsocketOut(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    if (!settings) {
      refuseSettings(this, errors);
      return;
    }
    const server = demandServer(RED, this, settings.server)?.server;
    if (server) send(RED, this, settings, server);
  }
  return WebsocketOut;
};

type Channels = readonly SocketChannel<ClientInfo>[];

/** Whom a message is for, in the contract's order of precedence. */
interface Target {
  readonly client?: string | string[] | undefined;
  readonly except?: string | string[] | undefined;
}

function send(RED: RuntimeApi, node: FlowNode, settings: WebsocketOutSettings, server: Server): void {
  const hub = server.socketChannels;
  const status = new StatusLine(node);
  const channelOf = lookupOf(RED, node, settings.channel);
  const fixed = settings.channel.type === 'str' ? settings.channel.value : '';
  const channelsOf = (name: string): Channels => (name === '' ? hub.channels : hub.all(name));
  const show = (): void => {
    const byName = new Map<string, number>();
    for (const { name, count } of channelsOf(fixed)) byName.set(name, (byName.get(name) ?? 0) + count);
    status.set(
      clientStatus(
        [...byName].map(([name, count]) => ({ name, count })),
        node.id,
      ),
    );
  };

  const handle = (message: FlowMessage, named: unknown): void => {
    const closing = closeOf(message['close']);
    // Nothing to say is nothing to miss anybody for.
    if (message.payload === undefined && message['ping'] !== true && !closing) return;
    const target = targetOf(message);
    const channels = narrow(channelsOf(named === undefined || named === null ? '' : String(named)), target);
    let unknown: readonly string[] | undefined;
    /** Made by the first channel, for all. */
    let outgoing: ReturnType<Channels[number]['encode']>;
    const note = (result: SendResult): void => {
      // Each order goes to every channel: whom one of them knows is known.
      unknown = unknown?.filter((id) => result.unknown.includes(id)) ?? result.unknown;
    };
    for (const channel of channels) {
      if (message['ping'] === true) note(channel.ping(target));
      if (message.payload !== undefined) note(channel.send((outgoing ??= channel.encode(message.payload)), target));
      if (closing) note(channel.close(target, closing.code, closing.reason));
    }
    unknown ??= [target.client ?? []].flat();
    if (unknown.length > 0)
      throw new HttpError('UNKNOWN_CLIENT', {
        message: `There is no client ${unknown.join(', ')} (it may have left).`,
      });
  };

  onInput(node, (message) => {
    if (settings.channel.type === 'str') {
      handle(message, settings.channel.value);
      return undefined;
    }
    return Promise.resolve(channelOf(message)).then((channel) => handle(message, channel));
  });
  const ignore = hub.watch(show);
  show();
  node.on('close', () => {
    ignore();
    status.close();
  });
}

/** The channels that matter: for an answer to one client only the one it is on. */
function narrow(channels: Channels, { client, except }: Target): Channels {
  if (typeof client !== 'string' || except !== undefined || channels.length === 1) return channels;
  const channel = channels.find((one) => one.get(client) !== undefined);
  return channel ? [channel] : [];
}

function targetOf(message: FlowMessage): Target {
  const except = clientIds(message['except']);
  if (except !== undefined) return { except };
  const client = clientIds(message['client']);
  if (client !== undefined) return client === '*' || (Array.isArray(client) && client.includes('*')) ? {} : { client };
  const session = message['_session'] as { type?: unknown; id?: unknown } | undefined;
  return session?.type === 'http-server-websocket' && typeof session.id === 'string' ? { client: session.id } : {};
}

function closeOf(close: unknown): { code: number; reason: string } | undefined {
  if (close === true) return { code: 1000, reason: '' };
  if (typeof close !== 'object' || close === null) return undefined;
  const { code = 1000, reason = '' } = close as { code?: unknown; reason?: unknown };
  return { code: Number(code), reason: String(reason) };
}
