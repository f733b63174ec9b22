// What the pack and one server add to the start of Node-RED: CPU and resident memory when the flows have started.
import { rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { emptyFlow, oneServer } from './lib/flows.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { interleave, median } from './lib/rounds.mjs';
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
    const own = [];
    while (own.length < 7) own.push(await timeOfPack(platform));
    return {
      verdicts: [
        verdict('CPU more', ours.cpu - without.cpu, 60, { atMost: true, unit: 'ms' }),
        verdict('resident memory more', ours.rss - without.rss, 8, { atMost: true, unit: 'MB' }),
        verdict("CPU more than Node-RED's own for such a pack", ours.cpu - bare.cpu, 60, { atMost: true, unit: 'ms' }),
        verdict("in the pack's own code, its loading included", median(own), 60, { atMost: true, unit: 'ms' }),
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

/** Milliseconds of the start in functions of the pack and in what they call: a profile, so other programs matter less. */
async function timeOfPack(platform) {
  const target = await nodeRedTarget('profiled', oneServer, { platform, env: { BENCH_PROFILE: '1' } });
  try {
    const { nodes, samples, timeDeltas } = await target.ask('profile', false);
    const ours = new Set();
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const visit = ({ id, callFrame, children = [] }, isOurs) => {
      const isInside = isOurs || pack.some((place) => callFrame.url.startsWith(place));
      if (isInside) ours.add(id);
      for (const child of children) visit(byId.get(child), isInside);
    };
    visit(nodes[0], false);
    return samples.reduce((sum, id, index) => (ours.has(id) ? sum + timeDeltas[index] : sum), 0) / 1000;
  } finally {
    await target.stop();
  }
}

/** Where functions of the pack come from, as a profile names it: by `require` a path, by `import` an address. */
const folder = fileURLToPath(new URL('../dist/', import.meta.url));
const pack = [folder, pathToFileURL(folder).href];
