/** A flow that sends back what WebSocket clients say: `http-server-in` → `route` → `websocket-in` → `websocket-out`. */
import { RawClient, sampleKey } from '../src/websocket/raw-client.js';
import { LiveFlow } from './live-flow.js';
import type { Flow } from './node-red.js';

/** Settings of a `websocket-in` by the name of its path and channel. */
export type EchoPaths = Readonly<Record<string, Record<string, unknown>>>;

/** A running echo. */
export class EchoFlow {
  readonly flow: LiveFlow;

  private constructor(flow: LiveFlow) {
    this.flow = flow;
  }

  /** @param between nodes every message passes on its way back; the last is wired to "ws-out" */
  static async start(paths: EchoPaths, server: Record<string, unknown> = {}, between: Flow = []): Promise<EchoFlow> {
    const names = Object.keys(paths);
    const first = between[0]?.['id'] ?? 'ws-out';
    return new EchoFlow(
      await LiveFlow.start(
        [
          { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
          {
            id: 'route',
            type: 'route',
            rules: names.map((path) => ({ path: `/${path}` })),
            otherwise: '404',
            outputs: names.length,
            wires: names.map((path) => [`ws-${path}`]),
          },
          ...names.map((path) => ({
            id: `ws-${path}`,
            type: 'websocket-in',
            server: 'server',
            channel: path,
            ...paths[path],
            wires: [[first], []],
          })),
          ...between,
          { id: 'ws-out', type: 'websocket-out', server: 'server' },
        ],
        server,
      ),
    );
  }

  /** A raw client whose handshake is done. */
  open(path: string, headers: readonly string[] = []): Promise<RawClient> {
    return RawClient.request(this.flow.port, [
      `GET /${path} HTTP/1.1`,
      `Host: 127.0.0.1:${this.flow.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${sampleKey}`,
      'Sec-WebSocket-Version: 13',
      ...headers,
    ]);
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.flow.port}/${path}`;
  }

  stop(): Promise<void> {
    return this.flow.stop();
  }
}
