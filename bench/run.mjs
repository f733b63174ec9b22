// npm run bench: measures the works named, or all, and writes bench/RESULTS.md with its plots.
// Usage: node bench/run.mjs [WORK…] [--platform 4.1|5.0|both] [--rounds 5] [--seconds 1] [--report]
// --report measures nothing and writes the report anew from the results that are there (.cache/bench/results).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { comments } from './comments.mjs';
import { platforms } from './lib/node-red.mjs';
import { writeReport } from './lib/report.mjs';
import { works } from './works.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platform: { type: 'string', default: 'both' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
  },
});
const results = fileURLToPath(new URL('../.cache/bench/results/', import.meta.url));
mkdirSync(results, { recursive: true });

const names = values.report ? [] : positionals.length > 0 ? positionals : Object.keys(works);
for (const name of names) {
  if (!works[name]) throw new Error(`No work is named ${name}. There are: ${Object.keys(works).join(', ')}`);
}
for (const platform of Object.values(platforms)) {
  if (values.platform !== 'both' && values.platform !== platform.name) continue;
  if (!existsSync(platform.node) || !existsSync(platform.nodeRed)) {
    console.log(`Node-RED ${platform.name} is not there. Run: node scripts/install-node-red-5.mjs`);
    continue;
  }
  for (const name of names) {
    const work = await works[name]();
    if (work.platforms && !work.platforms.includes(platform.name)) continue;
    console.log(`\n${work.title} (Node-RED ${platform.name})`);
    const result = await work.run({ platform, rounds: Number(values.rounds), seconds: Number(values.seconds) });
    for (const { title, head, rows } of result.tables ?? []) {
      console.log(title);
      console.table(rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell]))));
    }
    for (const { measure, value, target, atMost, unit, met } of result.verdicts ?? [])
      console.log(
        `${met ? '✔' : '✘'} ${measure}: ${value.toFixed(2)} ${unit} (target: ${atMost ? '≤' : '≥'} ${target})`,
      );
    writeFileSync(
      join(results, `${name}-${platform.name}.json`),
      JSON.stringify({ name, platform: platform.name, title: work.title, ...result }),
    );
  }
}
writeReport(fileURLToPath(new URL('.', import.meta.url)), results, Object.keys(works), comments);
