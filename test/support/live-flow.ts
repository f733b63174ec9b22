/** A Node-RED with one server of the pack, and a way to see what its flow caught. */
import { type Flow, NodeRedProcess, type StartOptions, freePort } from './node-red.js';

/** What a Catch node got. */
export interface CaughtError {
  readonly message: string;
  readonly code?: string;
  readonly source: string;
}

/** True for a tab or a config node, which have no place on a canvas. */
function isGlobal({ type }: Flow[number]): boolean {
  return ['tab', 'http-server-config', 'http-server-credentials', 'tls-config'].includes(String(type));
}

/** A running flow on a port of its own. */
export class LiveFlow {
  readonly nodeRed: NodeRedProcess;
  /** The port of the flow's server. */
  readonly port: number;

  private constructor(nodeRed: NodeRedProcess, port: number) {
    this.nodeRed = nodeRed;
    this.port = port;
  }

  /**
   * Starts the flow nodes on tab "tab" with server "server" (its properties in `server`). Errors are caught and kept.
   */
  static async start(nodes: Flow, server: Record<string, unknown> = {}, options: StartOptions = {}): Promise<LiveFlow> {
    const port = await freePort();
    return new LiveFlow(await NodeRedProcess.start({ ...options, flows: LiveFlow.flows(nodes, port, server) }), port);
  }

  /** The whole flow file of these nodes. */
  static flows(nodes: Flow, port: number, server: Record<string, unknown> = {}): Flow {
    // A node without a place on the canvas would be taken for a config node.
    const all: Flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'http-server-config', host: '127.0.0.1', port: String(port), ...server },
      { id: 'caught', type: 'catch', z: 'tab', scope: null, wires: [['keep']] },
      {
        id: 'keep',
        type: 'function',
        z: 'tab',
        func: "const list = global.get('errors') || []; list.push({ message: msg.error.message, code: msg.error.code, source: msg.error.source.id }); global.set('errors', list);",
        wires: [[]],
      },
      { id: 'errors-in', type: 'http in', z: 'tab', url: '/caught', method: 'get', wires: [['errors-out']] },
      {
        id: 'errors-out',
        type: 'function',
        z: 'tab',
        func: "msg.payload = global.get('errors') || []; global.set('errors', []); return msg;",
        wires: [['errors-end']],
      },
      { id: 'errors-end', type: 'http response', z: 'tab', wires: [] },
      ...nodes.map((node) => (isGlobal(node) ? node : { z: 'tab', wires: [], ...node })),
    ];
    return all.map((node, index) => (isGlobal(node) ? node : { x: 100 + index, y: 100, ...node }));
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** A request to the flow; redirects are not followed. */
  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url(path), { redirect: 'manual', ...init });
  }

  /** What was caught since the last call. */
  async caught(): Promise<CaughtError[]> {
    return (await (await this.nodeRed.admin('/caught')).json()) as CaughtError[];
  }

  stop(): Promise<void> {
    return this.nodeRed.stop();
  }
}
