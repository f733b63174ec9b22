// What the pack and one server add to the start of Node-RED: CPU and resident memory when the flows have started.
import { emptyFlow, oneServer } from './lib/flows.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { interleave } from './lib/rounds.mjs';
import { residentOf } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Start of Node-RED with the pack and one server';

export async function run({ platform, rounds }) {
  const candidates = [
    { name: 'with', flow: oneServer, withPack: true },
    { name: 'without', flow: emptyFlow, withPack: false },
  ];
  // The starts of a pair are compared with each other: the machine changes more than the pack costs.
  const differences = { cpu: [], rss: [] };
  const results = await interleave(candidates, Math.max(rounds, 9), async ({ flow, withPack, name }) => {
    const target = await nodeRedTarget(name, flow, { platform, withPack });
    try {
      const { user, system } = await target.cpu();
      return { cpu: (user + system) / 1000, rss: residentOf(target.child.pid) / 1024 / 1024 };
    } finally {
      await target.stop();
    }
  });
  const [ours, without] = results;
  differences.cpu = ours.cpu - without.cpu;
  differences.rss = ours.rss - without.rss;
  return {
    verdicts: [
      verdict('CPU more', differences.cpu, 60, { atMost: true, unit: 'ms' }),
      verdict('resident memory more', differences.rss, 8, { atMost: true, unit: 'MB' }),
    ],
    tables: [
      {
        title: 'Flows started',
        head: ['', 'CPU ms', 'RSS MB'],
        rows: results.map(({ cpu, rss }, index) => [candidates[index].name, cpu.toFixed(0), rss.toFixed(1)]),
      },
    ],
  };
}
