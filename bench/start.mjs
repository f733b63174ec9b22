// What the pack and one server add to the start of Node-RED: CPU and resident memory when the flows have started.
import { rmSync } from 'node:fs';
import { emptyFlow, oneServer } from './lib/flows.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { interleave } from './lib/rounds.mjs';
import { stubPack } from './lib/stub-pack.mjs';
import { residentOf } from './lib/target.mjs';
import { verdict } from './lib/verdict.mjs';

export const title = 'Start of Node-RED with the pack and one server';

export async function run({ platform, rounds }) {
  const stub = stubPack();
  const candidates = [
    { name: 'with', flow: oneServer },
    { name: 'without', flow: emptyFlow, withPack: false },
    { name: 'the pack without what it does', flow: emptyFlow, pack: stub },
  ];
  try {
    const results = await interleave(candidates, Math.max(rounds, 9), (candidate) => costOfStart(candidate, platform));
    const [ours, without, bare] = results;
    return {
      verdicts: [
        verdict('CPU more', ours.cpu - without.cpu, 60, { atMost: true, unit: 'ms' }),
        verdict('resident memory more', ours.rss - without.rss, 8, { atMost: true, unit: 'MB' }),
        verdict("CPU more than Node-RED's own for such a pack", ours.cpu - bare.cpu, 60, { atMost: true, unit: 'ms' }),
      ],
      tables: [
        {
          title: 'Flows started',
          head: ['', 'CPU ms', 'RSS MB'],
          rows: results.map(({ cpu, rss }, index) => [candidates[index].name, cpu.toFixed(0), rss.toFixed(1)]),
        },
      ],
    };
  } finally {
    rmSync(stub, { recursive: true });
  }
}

async function costOfStart({ name, flow, ...options }, platform) {
  const target = await nodeRedTarget(name, flow, { platform, ...options });
  try {
    const { user, system } = await target.cpu();
    return { cpu: (user + system) / 1000, rss: residentOf(target.child.pid) / 1024 / 1024 };
  } finally {
    await target.stop();
  }
}
