/** The gaps of Node-RED's typings, closed in one place. */
import type http from 'node:http';
import type { Node, NodeAPI, NodeDef } from '@node-red/registry';
import type { ServerState } from '../../src/doors/server.js';

/** Node-RED's runtime API as this pack uses it. */
export type RuntimeApi = NodeAPI;

/** Sends messages onward: one, or one per output. */
export type Send = (messages: FlowMessage | (FlowMessage | FlowMessage[] | null)[]) => void;

/** A message of a flow that may carry a request. Everything in it is the flow's to set. */
export interface FlowMessage {
  _msgid?: string;
  payload?: unknown;
  req?: http.IncomingMessage;
  res?: { readonly _res?: http.ServerResponse };
  statusCode?: unknown;
  statusText?: unknown;
  headers?: unknown;
  cookies?: unknown;
  contentType?: unknown;
  redirectUrl?: unknown;
  filename?: unknown;
  complete?: unknown;
  [property: string]: unknown;
}

/** A node as it is constructed: the typings know neither its wires nor its status at that moment. */
export interface FlowNode extends Node {
  wires?: string[][];
}

/** The saved properties of a node: Node-RED's own and anything else. */
export type SavedProperties = NodeDef & Record<string, unknown>;

/** What Node-RED says with `flows:stopping` and `flows:started`. */
export interface FlowsEvent {
  readonly config?: unknown;
  readonly type?: 'full' | 'flows' | 'nodes' | 'load';
}

export type { ClientInfo } from '../../src/doors/live.js';

/** What a status shows. */
export interface Status {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape?: 'dot' | 'ring';
  readonly text?: string;
  /** What happened, for Status nodes: the habit of the core WebSocket nodes. */
  readonly event?: string;
  readonly _session?: { readonly type: string; readonly id: string };
}

/** Where a server stands, as its nodes show it. */
export type { ServerState };
