// Server-sent events to 10 to 5000 clients: one event in each turn of the event loop, CPU per event delivered; and what
// the clients cost while they are idle.
import { ourEvents } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { peersFolder } from './lib/peers.mjs';
import { costOf, interleave } from './lib/rounds.mjs';
import { openStreams } from './lib/streams.mjs';
import { scriptTarget } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Server-sent events: CPU per delivered event';

const counts = [10, 100, 500, 1000, 5000];
/** Deliveries a measurement is made of, and events at least. */
const deliveries = 20_000;
const fewestEvents = 10;

export async function run({ platform, rounds }) {
  const peers = peersFolder();
  const script = (library) => () =>
    scriptTarget(library === 'raw' ? 'raw res.write' : library, 'sse.mjs', {
      node: platform.node,
      args: [library, peers],
    });
  const starts = [() => nodeRedTarget('ours', ourEvents, { platform }), script('better-sse'), script('raw')];
  const names = [];
  const costs = [];
  const memories = [];
  for (const count of counts) {
    const targets = [];
    try {
      for (const start of starts) targets.push(await start());
      names.splice(0, names.length, ...targets.map(({ name }) => name));
      const clients = new Map();
      const memory = [];
      for (const target of targets) {
        const before = await target.memory();
        clients.set(target, await openStreams(target.port, count, requestOf('/events')));
        const after = await target.memory();
        memory.push([(after.rss - before.rss) / 1024 / count, after.rss / 1024 / 1024]);
      }
      memories.push(memory);
      const events = Math.max(fewestEvents, Math.round(deliveries / count));
      const publish = (target) => deliver(target, clients.get(target), events, count);
      for (const target of targets) await publish(target);
      const results = await interleave(targets, count > 1000 ? Math.min(rounds, 3) : rounds, publish);
      costs.push(results.map(({ cpu }) => cpu));
      for (const streams of clients.values()) streams.close();
    } finally {
      for (const target of targets) await target.stop();
    }
  }
  const [ours, better] = costs[counts.indexOf(500)];
  const [[idle]] = memories.at(-1);
  return {
    verdicts: [
      verdict('500 clients, CPU beside better-sse', ours / better, 0.7, { atMost: true }),
      verdict(`memory of an idle client of ${counts.at(-1)}`, idle, 30, { atMost: true, unit: 'KB' }),
    ],
    tables: [
      {
        title: 'CPU µs per delivered event',
        head: ['clients', ...names],
        rows: costs.map((row, index) => [counts[index], ...row.map((cpu) => cpu.toFixed(2))]),
      },
      {
        title: 'Resident KB per idle client (resident MB of the process), after garbage collection',
        head: ['clients', ...names],
        rows: memories.map((row, index) => [
          counts[index],
          ...row.map(([each, all]) => `${each.toFixed(1)} (${all.toFixed(0)})`),
        ]),
      },
    ],
    plots: [
      {
        name: 'sse',
        title: 'Server-sent events: cost of a delivered event',
        x: { label: 'clients', log: true },
        y: { label: 'CPU µs/event' },
        series: names.map((name, at) => ({ name, points: costs.map((row, index) => [counts[index], row[at]]) })),
      },
    ],
  };
}

/** Publishes events and waits until the clients have them; none may be missing. */
async function deliver(target, streams, events, count) {
  const before = streams.bytes();
  const { cpu } = await costOf(target, async () => {
    const response = await fetch(`http://127.0.0.1:${target.port}/publish?events=${events}`);
    const text = await response.text();
    if (!response.ok || Number(text) !== events * count) throw new Error(`${target.name}: ${response.status} ${text}`);
    await streams.quiet();
  });
  if (streams.bytes() - before < events * count * 60) throw new Error(`${target.name}: events are missing`);
  return { cpu: cpu / events / count };
}
