/** The flow that all fault runs use, and how its Node-RED is started. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, newUserDir } from '../support/node-red.js';
import { probeArguments, probeScript } from './measure.js';

/** Every kind of exchange there is; `version` is part of each answer to `/echo`. */
export function faultNodes(version = 0): Flow {
  return [
    { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
    {
      id: 'route',
      type: 'route',
      rules: [
        { path: '/health' },
        { path: '/echo', methods: ['GET', 'POST'] },
        { path: '/silence' },
        { path: '/events' },
        { path: '/ws' },
        { path: '/publish', methods: ['POST'] },
        { path: '/parts' },
        { path: '/files/*' },
      ],
      otherwise: '404',
      outputs: 8,
      wires: [['health'], ['echo'], [], ['events'], ['ws'], ['published'], ['parts'], ['files']],
    },
    { id: 'health', type: 'template', template: 'ok', wires: [['out']] },
    {
      id: 'echo',
      type: 'function',
      func: `msg.payload = { version: ${version}, n: msg.req.query.n, size: JSON.stringify(msg.payload).length }; return msg;`,
      wires: [['out']],
    },
    { id: 'events', type: 'sse-out', server: 'server', channel: 'news', replay: 1000, wires: [[]] },
    { id: 'ws', type: 'websocket-in', server: 'server', channel: 'room', wires: [['ws-out'], []] },
    { id: 'ws-out', type: 'websocket-out', server: 'server', channel: 'room' },
    {
      id: 'published',
      type: 'function',
      func: "node.send([{ payload: msg.payload.text }, null]); msg.payload = 'ok'; return [null, msg];",
      outputs: 2,
      wires: [['events'], ['out']],
    },
    { id: 'parts', type: 'http-server-response', mode: 'chunked' },
    { id: 'files', type: 'file-response' },
    { id: 'out', type: 'http-server-response' },
    {
      id: 'upload-in',
      type: 'http-server-in',
      server: 'server',
      methods: ['POST'],
      path: '/upload',
      upload: 'disk',
      wires: [['uploaded']],
    },
    {
      id: 'uploaded',
      type: 'function',
      func: 'msg.payload = (msg.req.files || []).length; return msg;',
      wires: [['out']],
    },
    {
      id: 'raw-in',
      type: 'http-server-in',
      server: 'server',
      methods: ['POST'],
      path: '/raw',
      body: 'raw',
      wires: [['raw-size']],
    },
    { id: 'raw-size', type: 'function', func: 'msg.payload = msg.payload.length; return msg;', wires: [['out']] },
  ];
}

/** How the Node-RED of a fault run is kept small. */
export interface Bounds {
  /** MiB. */
  readonly heap?: number;
  readonly openFiles?: number;
  /** A command it runs within. */
  readonly within?: readonly string[] | undefined;
}

/** A Node-RED with that flow. */
export function startFaultFlow(
  server: Record<string, unknown> = {},
  { heap, openFiles, within }: Bounds = {},
): Promise<LiveFlow> {
  const userDir = newUserDir();
  const preload = join(userDir, 'probe.cjs');
  writeFileSync(preload, probeScript);
  return LiveFlow.start(faultNodes(), server, {
    userDir,
    nodeArguments: [...probeArguments(preload), ...(heap === undefined ? [] : [`--max-old-space-size=${heap}`])],
    ...(openFiles !== undefined && { openFiles }),
    ...(within && { within }),
    settings: { logging: { console: { level: 'info', metrics: false, audit: false } } },
  });
}
