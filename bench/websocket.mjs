// WebSockets through a flow beside ws alone and beside the core nodes: CPU of an echo and of a broadcast, idle memory.
import { pathToFileURL } from 'node:url';
import {
  bytesOf,
  close,
  frameSize,
  idleCost,
  open,
  pingPong,
  settled,
  textFrame,
  upgradeRequest,
} from './lib/live-load.mjs';
import { nodeRedTarget, platforms } from './lib/node-red.mjs';
import { costOf, interleave, warmUp } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'WebSockets: echo, and broadcast to 1000 clients';

const connections = 32;
const audience = 1000;
const idleClients = 2000;
const broadcastsASecond = 60;
const text = 'a message of sixty-four bytes, as a device or a page sends it: 1';
/** What a dashboard is sent: 1 KB of JSON. */
const news = JSON.stringify(Array.from({ length: 24 }, (_, sensor) => ({ sensor, value: Math.sin(sensor) })));

const at = (x, y) => ({ z: 'tab', x, y });

/** Echo on /ws; on /all what one client says goes to everyone. */
export const ourSockets = (port) => [
  { id: 'tab', type: 'tab', label: 'bench' },
  { id: 'server', type: 'http-server-config', host: '127.0.0.1', port: String(port) },
  { id: 'in', type: 'http-server-in', ...at(1, 1), server: 'server', wires: [['route']] },
  {
    ...{ id: 'route', type: 'route', ...at(2, 1), otherwise: '404' },
    rules: [{ path: '/ws' }, { path: '/all' }],
    wires: [['echo-in'], ['all-in']],
  },
  { id: 'echo-in', type: 'websocket-in', ...at(3, 1), server: 'server', heartbeat: 0, wires: [['echo-out'], []] },
  { id: 'echo-out', type: 'websocket-out', ...at(5, 1), server: 'server', wires: [] },
  { id: 'all-in', type: 'websocket-in', ...at(3, 2), server: 'server', channel: 'all', wires: [['everyone'], []] },
  {
    ...{ id: 'everyone', type: 'change', ...at(4, 2), wires: [['all-out']] },
    rules: [{ t: 'set', p: 'client', pt: 'msg', to: '*', tot: 'str' }],
  },
  { id: 'all-out', type: 'websocket-out', ...at(5, 2), server: 'server', channel: 'all', wires: [] },
];

export const coreSockets = () => [
  { id: 'tab', type: 'tab', label: 'bench' },
  { id: 'ws', type: 'websocket-listener', path: '/ws', wholemsg: 'false' },
  { id: 'all', type: 'websocket-listener', path: '/all', wholemsg: 'false' },
  { id: 'echo-in', type: 'websocket in', ...at(1, 1), server: 'ws', client: '', wires: [['echo-out']] },
  { id: 'echo-out', type: 'websocket out', ...at(3, 1), server: 'ws', client: '', wires: [] },
  { id: 'all-in', type: 'websocket in', ...at(1, 2), server: 'all', client: '', wires: [['everyone']] },
  {
    ...{ id: 'everyone', type: 'change', ...at(2, 2), wires: [['all-out']] },
    rules: [{ t: 'delete', p: '_session', pt: 'msg' }],
  },
  { id: 'all-out', type: 'websocket out', ...at(3, 2), server: 'all', client: '', wires: [] },
];

/** Measures; the same call as every other work of the bench. */
export async function run({ platform, rounds, seconds }) {
  const targets = [
    await nodeRedTarget('ours', ourSockets, { platform }),
    await scriptTarget('ws alone', 'ws.mjs', { node: platform.node }),
    await nodeRedTarget('core websocket', coreSockets, { platform, withPack: false }),
    await scriptTarget('a bare loop in Node', 'frame-loop.mjs', { node: platform.node }),
  ];
  try {
    await warmUp(targets, echo);
    const echoes = await interleave(targets, rounds, (target) => costOfMessage(echo, target, seconds));
    await warmUp(targets, broadcast);
    const broadcasts = await interleave(targets, rounds, (target) => costOfMessage(broadcast, target, seconds));
    const memory = [];
    for (const target of targets) memory.push(await idleCost(target, upgradeRequest(), idleClients));
    const beside = (rows, index) => rows[index].cpu / rows[0].cpu;
    return {
      verdicts: [
        verdict('echo beside ws alone', beside(echoes, 1), 0.8),
        verdict('echo beside the core nodes', beside(echoes, 2), 1),
        verdict('broadcast beside the core nodes', beside(broadcasts, 2), 1.5),
        verdict('broadcast beside a bare loop of socket.write', beside(broadcasts, 3), 0.75),
      ],
      tables: [
        {
          title: `Echo on ${connections} connections, broadcast to ${audience}, ${idleClients} idle clients`,
          head: [
            '',
            'CPU µs/echo',
            'of it kernel',
            'CPU µs/broadcast message',
            'of it kernel ',
            'KB/client',
            'heap KB/client',
          ],
          rows: targets.map(({ name }, index) => [
            name,
            echoes[index].cpu.toFixed(1),
            echoes[index].system.toFixed(1),
            broadcasts[index].cpu.toFixed(2),
            broadcasts[index].system.toFixed(2),
            memory[index].rss.toFixed(1),
            memory[index].heap.toFixed(1),
          ]),
        },
      ],
    };
  } finally {
    for (const target of targets) await target.stop();
  }
}

/** Microseconds of CPU a message, and the kernel's share of it. */
async function costOfMessage(load, target, seconds) {
  const { cpu, system, result } = await load(target, seconds, (run) => costOf(target, run));
  return { cpu: cpu / result, system: system / result };
}

/** Messages there and back for some seconds. `around` gets what is to be measured: it runs it and says how many. */
export async function echo(target, seconds, around = (run) => run()) {
  const sockets = await open(target.port, upgradeRequest('/ws'), connections);
  await settled(sockets);
  const result = await around(() => pingPong(sockets, textFrame(text), frameSize(text), seconds));
  await close(sockets);
  return result;
}

/** Messages of one client to each of many, as {@link echo}. */
export async function broadcast(target, seconds, around = (run) => run()) {
  const sockets = await open(target.port, upgradeRequest('/all'), audience);
  await settled(sockets);
  const count = Math.ceil(broadcastsASecond * seconds);
  const [speaker] = sockets;
  const frame = textFrame(news);
  const before = bytesOf(sockets);
  const result = await around(async () => {
    for (let left = count; left > 0; left -= 1) {
      speaker.write(frame);
      await new Promise((resolve) => speaker.once('data', resolve));
    }
    const bytes = await settled(sockets, before);
    const expected = count * audience * frameSize(news);
    if (bytes !== expected) throw new Error(`${target.name}: ${bytes} of ${expected} bytes arrived`);
    return count * audience;
  });
  await close(sockets);
  return result;
}

// Alone: node bench/websocket.mjs [4.1|5.0] prints the figures as JSON.
if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const platform = platforms[process.argv[2] ?? '4.1'];
  console.log(JSON.stringify(await run({ platform, rounds: 3, seconds: 1 }), undefined, 2));
}
