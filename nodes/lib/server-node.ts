import type { Entry, Server } from '../../src/doors/server.js';
import type * as AccessReferences from './access-reference.js';
import type { AccessReference } from './access-reference.js';
import type { FlowNode, RuntimeApi, Status } from './typings.js';

/** An `http-server-config` node as other nodes see it. */
export interface ServerNode extends FlowNode {
  /** The engine's server; undefined when a setting cannot work. */
  server?: Server;
  /** Why there is no server. */
  refusal?: string;
  /** What the server proves itself by; undefined: it speaks plain HTTP. */
  certificate?: { readonly problem: Error | undefined } | undefined;
  /** Who may come in; undefined: everybody. */
  access?: AccessReference | undefined;
  /** Addresses that have failed to log in too often and wait, with the time each may come back. */
  locked: Map<string, number>;
  /** The flow nodes that show this server's state and raise its errors. */
  users: ServerUsers;
}

/** A flow node that shows a server's state. */
export interface ServerUser {
  readonly node: FlowNode;
  /** Shows the state; called on every change and when the number of open requests changes. */
  show(): void;
}

/** The flow nodes of a server: a config node has neither status nor Catch of its own, so they speak for it. */
export class ServerUsers {
  readonly #users = new Set<ServerUser>();
  readonly #owner: FlowNode;

  constructor(owner: FlowNode) {
    this.#owner = owner;
  }

  /** @returns ends it */
  add(user: ServerUser): () => void {
    this.#users.add(user);
    return () => this.#users.delete(user);
  }

  show(): void {
    for (const user of this.#users) user.show();
  }

  /** Raises an error of the server: catchable, by the first user of each tab; logged when there is none. */
  raise(error: Error): void {
    const tabs = new Set<string>();
    for (const { node } of this.#users) {
      if (tabs.has(node.z)) continue;
      tabs.add(node.z);
      node.error(error, {});
    }
    if (tabs.size === 0) this.#owner.error(error);
  }
}

/** What a node shows whose credentials let nobody in. */
export const unusableStatus: Status = { fill: 'red', shape: 'ring', text: 'credentials unusable' };

/** The credentials a property names, see {@link AccessReference}; loaded with the first. */
export function accessReference(
  ...of: ConstructorParameters<typeof AccessReferences.AccessReference>
): AccessReference {
  return new (require('./access-reference.js') as typeof AccessReferences).AccessReference(...of);
}

/** The server node of this id; undefined when it is missing, disabled or of another type. */
export function serverNodeOf(RED: RuntimeApi, id: string): ServerNode | undefined {
  const node = RED.nodes.getNode(id) as ServerNode | null;
  return node?.type === 'http-server-config' ? node : undefined;
}

/** The status of a server as an entry of it shows it: with the bytes of bodies that are still arriving. */
export function receivingStatus(
  node: ServerNode,
  server: Server,
  entry: Entry,
  access: AccessReference | undefined,
): Status {
  const status = serverStatus(node, server, access ?? node.access);
  const { requests, bytes } = server.receiving(entry);
  return requests > 0 ? { ...status, text: `${status.text} ↑ ${sizeText(bytes)}` } : status;
}

function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** The status of a server as its nodes show it. `access`: the node's own, where it has one. */
export function serverStatus(node: ServerNode, server: Server, access = node.access): Status {
  const { state, counts } = server;
  if (state.state === 'failed')
    return {
      fill: 'red',
      shape: 'ring',
      text: state.error?.code === 'PORT_IN_USE' ? `port ${state.port} in use` : 'failed',
    };
  if (state.state === 'stopped') return { fill: 'grey', shape: 'ring', text: 'stopped' };
  if (node.certificate?.problem) return { fill: 'red', shape: 'ring', text: 'certificate' };
  if (state.error) return { fill: 'red', shape: 'dot', text: 'too many connections' };
  if (access && access.problem !== '') return unusableStatus;
  const [locked] = node.locked.keys();
  if (locked !== undefined) return { fill: 'yellow', shape: 'ring', text: `locked out: ${locked}`, event: 'lockout' };
  const place = state.url.replace(/\/$/, '');
  return { fill: 'green', shape: 'dot', text: counts.requests > 0 ? `${place} (${counts.requests})` : place };
}
