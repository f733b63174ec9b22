// Where the time goes: a sampled CPU profile, or with --heap sampled allocations, of our server under load.
// Usage: node bench/profile.mjs [hello|echo|large-echo|guarded|file|big-file|socket|broadcast] [--platform 4.1|5.0] [--seconds 3] [--heap] [--raw]
//   [--top 40]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { guardedCredentials, guardedHello, guardedRequest } from './guarded.mjs';
import { ourEcho, ourFiles, ourHello } from './lib/flows.mjs';
import { requestOf, saturate } from './lib/load.mjs';
import { nodeRedTarget, platforms } from './lib/node-red.mjs';
import { costOf } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { echoRequest, jsonOf } from './post.mjs';
import { broadcast, echo, ourSockets } from './websocket.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platform: { type: 'string', default: '4.1' },
    seconds: { type: 'string', default: '3' },
    top: { type: 'string', default: '40' },
    heap: { type: 'boolean', default: false },
    raw: { type: 'boolean', default: false },
  },
});
const platform = platforms[values.platform];
const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
writeFileSync(join(folder, 'small.txt'), 'x'.repeat(1024));
writeFileSync(join(folder, 'big.bin'), Buffer.alloc(10 * 1024 * 1024));
/** A load as those of WebSockets: it runs what is to be measured inside `around`, which says how many it was. */
const requesting =
  (request, connections = 32) =>
  (target, seconds, around = (run) => run()) =>
    around(async () => (await saturate(target.port, { request, connections, seconds })).requests);
const [flow, load, rawServer = 'raw.mjs'] = {
  hello: [ourHello(), requesting(requestOf('/hello/world'))],
  echo: [ourEcho(), requesting(echoRequest(jsonOf(1024)))],
  'large-echo': [ourEcho(), requesting(echoRequest(jsonOf(300_000)))],
  guarded: [guardedHello, requesting(guardedRequest)],
  file: [ourFiles(folder), requesting(requestOf('/small.txt'))],
  'big-file': [ourFiles(folder), requesting(requestOf('/big.bin'), 8)],
  socket: [ourSockets, echo, 'ws.mjs'],
  broadcast: [ourSockets, broadcast, 'ws.mjs'],
}[positionals[0] ?? 'hello'];
const target = values.raw
  ? await scriptTarget('raw', rawServer, { node: platform.node })
  : await nodeRedTarget('ours', flow, { platform, credentials: guardedCredentials });
try {
  const seconds = Number(values.seconds);
  const kind = values.heap ? 'heap' : 'profile';
  await load(target, 2);
  let profile;
  const { cpu, result: requests } = await load(target, seconds, async (run) => {
    await target.ask(kind, true);
    const cost = await costOf(target, run);
    profile = await target.ask(kind, false);
    return cost;
  });
  console.log(
    `${requests} requests or messages, ${(cpu / requests).toFixed(1)} µs of CPU each (the profiler's own included)`,
  );
  const rows = values.heap ? allocations(profile, requests) : selfTimes(profile, requests);
  for (const [place, value] of rows.slice(0, Number(values.top)))
    console.log(`${value.toFixed(2).padStart(8)}  ${place}`);
} finally {
  await target.stop();
  rmSync(folder, { recursive: true });
}

/** Microseconds a request spent in each function itself. */
function selfTimes({ nodes, samples, timeDeltas }, requests) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sums = new Map();
  samples.forEach((id, index) => add(sums, placeOf(byId.get(id).callFrame), timeDeltas[index] / requests));
  return [...sums].filter(([place]) => !place.startsWith('(idle)')).sort((a, b) => b[1] - a[1]);
}

/** Bytes a request allocated in each function itself. */
function allocations({ head }, requests) {
  const sums = new Map();
  const visit = (node) => {
    add(sums, placeOf(node.callFrame), node.selfSize / requests);
    node.children.forEach(visit);
  };
  visit(head);
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return [['(all) bytes a request', total], ...[...sums].sort((a, b) => b[1] - a[1])];
}

function placeOf({ functionName, url, lineNumber }) {
  return `${functionName || '(anonymous)'} ${url
    .replace(/^file:\/\//, '')
    .split('/')
    .slice(-3)
    .join('/')}:${lineNumber + 1}`;
}

function add(sums, key, value) {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
