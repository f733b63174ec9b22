// Memory of clients that are there and do nothing: keep-alive connections, event streams, WebSockets.
import { ourEvents, ourHello, ourSocket } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { peersFolder } from './lib/peers.mjs';
import { interleave } from './lib/rounds.mjs';
import { openStreams } from './lib/streams.mjs';
import { scriptTarget } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Memory of an idle client';

/** Clients that are there before: with them grows what a process grows once, such as the room for young objects. */
const first = 1000;
/** Clients that are counted: few enough that all are there before the first is idle for the keep-alive timeout. */
const clients = 2000;

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
      ours: () => nodeRedTarget('ours', ourHello(), { platform }),
      raw: () => scriptTarget('raw', 'raw.mjs', { node }),
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
    const [own, other] = await interleave([ours, raw], Math.min(rounds, 5), (start) => idleCost(start, request));
    rows.push([name, own.rss.toFixed(1), other.rss.toFixed(1), own.heap.toFixed(1), other.heap.toFixed(1)]);
    verdicts.push(verdict(`${name} beside its raw counterpart`, own.rss / other.rss, 1.3, { atMost: true }));
  }
  return {
    verdicts,
    tables: [
      {
        title: `KB a client, ${clients} clients beside ${first} others, after garbage collection`,
        head: ['', 'ours, resident', 'raw, resident', 'ours, of it JavaScript heap', 'raw, of it JavaScript heap'],
        rows,
      },
    ],
  };
}

/** KB of resident memory that a client of a fresh server takes, and of JavaScript heap. */
async function idleCost(start, request) {
  const target = await start();
  try {
    const others = await openStreams(target.port, first, request);
    const before = await target.memory();
    const streams = await openStreams(target.port, clients, request);
    const after = await target.memory();
    for (const some of [others, streams]) some.close();
    return {
      rss: (after.rss - before.rss) / 1024 / clients,
      heap: (after.heapUsed - before.heapUsed) / 1024 / clients,
    };
  } finally {
    await target.stop();
  }
}
