import { HttpError } from '../../src/doors/exchange.js';
import type { Entry } from '../../src/doors/server.js';
import { refuseSettings } from '../lib/answer-errors.js';
import { messageOf, nextMessageId } from '../lib/message.js';
import { accessReference, receivingStatus, serverNodeOf } from '../lib/server-node.js';
import type { Refusal } from '../lib/settings.js';
import { StatusLine } from '../lib/status-line.js';
import type { NodeMaker } from '../lib/register-node.js';
import type { FlowNode, RuntimeApi, SavedProperties } from '../lib/typings.js';
import { type HttpServerInSettings, readConfig } from './config.js';

export default (RED: RuntimeApi): NodeMaker<FlowNode> => {
  function HttpServerIn(this: FlowNode, saved: SavedProperties): void {
    RED.nodes.createNode(this, saved);
    const { settings, errors } = readConfig(saved);
    const refusals = settings ? serverRefusal(settings.server) : errors;
    if (settings && refusals.length === 0) {
      open(this, settings, placeOf(this));
      return;
    }
    refuseSettings(this, refusals);
    // The door stays shut, but it is there: a request gets 503 instead of somebody else's answer.
    const door = settings ?? doorOf(saved, errors);
    if (door)
      open(this, door, placeOf(this), refusals.map(({ property, reason }) => `${property}: ${reason}`).join(' '));
  }

  /** Where a node with refused settings would stand: undefined when that itself cannot be told. */
  function doorOf(saved: SavedProperties, errors: readonly Refusal[]): HttpServerInSettings | undefined {
    const refused = new Set(errors.map(({ property }) => property));
    if (refused.has('path')) return undefined;
    return readConfig(Object.fromEntries(Object.entries(saved).filter(([name]) => !refused.has(name)))).settings;
  }

  function open(node: FlowNode, settings: HttpServerInSettings, order: number, refusal?: string): void {
    const serverNode = serverNodeOf(RED, settings.server);
    const server = serverNode?.server;
    if (!server) return;
    const status = new StatusLine(node);
    let conflict = false;
    const show = (): void => {
      if (conflict) status.set({ fill: 'red', shape: 'ring', text: 'path taken' });
      else if (refusal === undefined) status.set(() => receivingStatus(serverNode, server, entry, access));
    };
    const access = settings.access === '' ? undefined : accessReference(RED, settings.access, () => show());
    const isStream = settings.body === 'stream';
    const entry: Entry = {
      methods: settings.methods,
      path: settings.path,
      access,
      order,
      body: {
        mode: settings.body,
        rawBody: settings.rawBody,
        upload: settings.upload,
        uploadDir: settings.uploadDir,
        bodyLimit: settings.bodyLimit ?? undefined,
        maxFileSize: settings.maxFileSize ?? undefined,
        maxFiles: settings.maxFiles,
      },
      handle(exchange) {
        const message = messageOf(exchange, nextMessageId(), isStream);
        if (refusal === undefined) {
          node.send(message);
          return;
        }
        const error = new HttpError('INVALID_SETTING', { message: refusal });
        node.error(error, message);
        throw error;
      },
    };
    const close = server.addEntry(entry, (taken) => {
      conflict = taken;
      if (taken)
        node.error(
          `path: another http-server-in of this server already takes ${settings.methods.join(', ') || 'any method'} ${settings.path || 'of every path'}.`,
        );
      show();
    });
    const leave = serverNode.users.add({ node, show });
    show();
    node.on('close', () => {
      close();
      leave();
      access?.close();
      status.close();
    });
  }

  function serverRefusal(id: string): { property: string; reason: string }[] {
    const node = serverNodeOf(RED, id);
    if (!node) return [{ property: 'server', reason: 'The server is missing or disabled.' }];
    return node.server ? [] : [{ property: 'server', reason: `The server cannot start. ${node.refusal ?? ''}` }];
  }

  /** Where the node stands in the flow file: of two that want the same, the earlier serves. */
  function placeOf(node: FlowNode): number {
    const id = node._alias ?? node.id;
    let place = 0;
    let count = 0;
    RED.nodes.eachNode((other) => {
      if (other.id === id) place = count;
      count += 1;
    });
    return place;
  }

  return HttpServerIn;
};
