// Memory of clients that are there and do nothing: keep-alive connections, event streams, WebSockets.
import { setTimeout as sleep } from 'node:timers/promises';
import { ourEvents, ourHello, ourSocket } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { peersFolder } from './lib/peers.mjs';
import { interleave } from './lib/rounds.mjs';
import { openStreams } from './lib/streams.mjs';
import { scriptTarget } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Memory of an idle client';

/** Clients that are counted, beside a first batch of as many that came and left: with it grows what grows once. */
const clients = 5000;

/** Seconds that both keep an idle connection: all must be there when memory is measured. */
const patience = 60;

const handshake = requestOf('/socket', {
  headers: {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  },
});

export async function run({ platform, rounds }) {
  const { node } = platform;
  const peers = peersFolder();
  const kinds = [
    {
      name: 'keep-alive connection',
      request: requestOf('/hello/world'),
      ours: () => nodeRedTarget('ours', ourHello({ config: { keepAliveTimeout: patience } }), { platform }),
      raw: () => scriptTarget('raw', 'raw.mjs', { node, args: ['--keep-alive', String(patience)] }),
    },
    {
      name: 'event stream',
      request: requestOf('/events'),
      ours: () => nodeRedTarget('ours', ourEvents, { platform }),
      raw: () => scriptTarget('raw', 'sse.mjs', { node, args: ['raw', peers] }),
    },
    {
      name: 'WebSocket',
      request: handshake,
      ours: () => nodeRedTarget('ours', ourSocket, { platform }),
      raw: () => scriptTarget('raw', 'socket.mjs', { node, args: [peers] }),
    },
  ];
  const rows = [];
  const verdicts = [];
  for (const { name, request, ours, raw } of kinds) {
    const [own, other] = await interleave([ours, raw], Math.min(rounds, 3), (start) => idleCost(start, request));
    rows.push([name, ...[own.heap, other.heap, own.rss, other.rss].map((value) => value.toFixed(1))]);
    verdicts.push(verdict(`${name} beside its raw counterpart`, own.heap / other.heap, 1.3, { atMost: true }));
  }
  return {
    verdicts,
    tables: [
      {
        title: `KB a client, ${clients} clients after as many others, after garbage collection`,
        head: ['', 'ours, heap and buffers', 'raw, heap and buffers', 'ours, resident', 'raw, resident'],
        rows,
      },
    ],
  };
}

/**
 * KB a client takes of a server that has had as many before: of the JavaScript heap and the buffers outside of it, and
 * of resident memory.
 *
 * The verdict goes by the first, which is the same within 3 % from run to run. Resident memory is not: it grows by
 * whole pages, and clients move into those that the first batch or a collection has left free. Three batches of 2000
 * WebSockets that stayed made bare `ws` grow by 1.1, 3.5 and 3.4 KB a client on Node 20 and by 1.8, 1.5 and 6.8 on
 * Node 24, this server by 2.8, 4.2 and 4.3 and by 10.5, 1.0 and 4.5. What is missing in the heap is native and the
 * same on both sides: Node's and libuv's objects of the connection (0.4 KB) and, but for a WebSocket, of its parser.
 */
async function idleCost(start, request) {
  const target = await start();
  try {
    const others = await openStreams(target.port, clients, request);
    others.close();
    await sleep(1000);
    // Twice: what has not run for some collections, compiled code above all, is let go.
    await target.memory();
    const before = await target.memory();
    const streams = await openStreams(target.port, clients, request);
    await target.memory();
    const after = await target.memory();
    streams.close();
    const grown = (name) => (after[name] - before[name]) / 1024 / clients;
    return { heap: grown('heapUsed') + grown('external'), rss: grown('rss') };
  } finally {
    await target.stop();
  }
}
