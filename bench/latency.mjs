// Latency at a rate both servers can hold: half of what ours can answer.
import { ourHello } from './lib/flows.mjs';
import { pace, requestOf, saturate } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { interleave, warmUp } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Latency at half load';

const request = requestOf('/hello/world');

export async function run({ platform, rounds, seconds }) {
  const targets = [
    await nodeRedTarget('ours', ourHello(), { platform }),
    await scriptTarget('raw node:http', 'raw.mjs', { node: platform.node }),
  ];
  try {
    await warmUp(targets, ({ port }, piece) => saturate(port, { request, seconds: piece }));
    const most = await saturate(targets[0].port, { request, seconds: 2 });
    const rate = Math.round(most.requests / most.seconds / 2);
    const results = await interleave(targets, rounds, async ({ port }) => {
      const latencies = await pace(port, { request, rate, seconds: 2 * seconds });
      const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
      return { p50: at(0.5), p99: at(0.99) };
    });
    const [ours, raw] = results;
    return {
      verdicts: [verdict('p99 beside raw node:http', ours.p99 / raw.p99, 2, { atMost: true })],
      tables: [
        {
          title: `${rate} requests/s, 64 connections, milliseconds`,
          head: ['', 'p50', 'p99'],
          rows: results.map(({ p50, p99 }, index) => [targets[index].name, p50.toFixed(2), p99.toFixed(2)]),
        },
      ],
    };
  } finally {
    for (const target of targets) await target.stop();
  }
}
