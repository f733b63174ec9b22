// Server-sent events to 10 to 5000 clients: one event in each turn of the event loop, CPU per event delivered.
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
/** Deliveries a measurement is made of. */
const deliveries = 50_000;
/** Events of a measurement: one takes a millisecond of the flow's timer, however few clients there are. */
const mostEvents = 1000;

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
  for (const count of counts) {
    const targets = [];
    try {
      for (const start of starts) targets.push(await start());
      names.splice(0, names.length, ...targets.map(({ name }) => name));
      const clients = new Map();
      for (const target of targets) clients.set(target, await openStreams(target.port, count, requestOf('/events')));
      const events = Math.min(mostEvents, Math.max(20, Math.round(deliveries / count)));
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
  return {
    verdicts: [verdict('500 clients, CPU beside better-sse', ours / better, 0.7, { atMost: true })],
    tables: [
      {
        title: 'CPU µs per delivered event',
        head: ['clients', ...names],
        rows: costs.map((row, index) => [counts[index], ...row.map((cpu) => cpu.toFixed(2))]),
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
