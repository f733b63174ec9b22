import type { Server } from '../../src/doors/server.js';
import { refuseSettings } from './answer-errors.js';
import { type ServerNode, serverNodeOf } from './server-node.js';
import type { FlowNode, RuntimeApi } from './typings.js';

/** A server node whose settings can work. */
export type RunnableServerNode = ServerNode & { readonly server: Server };

/** The server a node cannot do without; undefined when there is none: then the node refuses every message. */
export function demandServer(RED: RuntimeApi, node: FlowNode, id: string): RunnableServerNode | undefined {
  const serverNode = serverNodeOf(RED, id);
  if (serverNode && isRunnable(serverNode)) return serverNode;
  refuseSettings(node, [{ property: 'server', reason: 'The server is missing, disabled or cannot start.' }]);
  return undefined;
}

function isRunnable(node: ServerNode): node is RunnableServerNode {
  return node.server !== undefined;
}
