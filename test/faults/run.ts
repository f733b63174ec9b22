/**
 * npm run test:faults: faults and loads against a real Node-RED, and a table of what came of them.
 * Options: --soak=SECONDS (20) · --only=WORD (scenarios whose name holds it)
 */
import { deployLeaks, deploysUnderLoad } from './deploys.js';
import { fullDisk } from './disk.js';
import { connectionFlood, fewDescriptors, muchAtOnce, pipelinedFlood } from './floods.js';
import { killedClients } from './killed.js';
import type { Row, RunOptions } from './measure.js';
import { slowClients } from './slow.js';
import { soak } from './soak.js';
import { toolAttacks } from './tools.js';

const scenarios: Record<string, (options: RunOptions) => Promise<Row | Row[]>> = {
  deploys: deploysUnderLoad,
  leaks: deployLeaks,
  slow: slowClients,
  descriptors: fewDescriptors,
  flood: connectionFlood,
  pipelining: pipelinedFlood,
  disk: fullDisk,
  kill: killedClients,
  memory: muchAtOnce,
  tools: toolAttacks,
  soak,
};

function option(name: string, otherwise: string): string {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given?.slice(name.length + 3) ?? otherwise;
}

async function main(): Promise<void> {
  const options = { soak: Number(option('soak', '20')) };
  const only = option('only', '');
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(scenarios)) {
    if (!name.includes(only)) continue;
    const began = performance.now();
    const measured = [await run(options)].flat();
    rows.push(...measured);
    const isFailed = measured.some((row) => row.failures > 0);
    const verdict = isFailed ? 'FAIL' : measured.every((row) => row.isSkipped) ? 'skip' : 'ok  ';
    process.stdout.write(`${verdict} ${name} (${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
  }
  process.stdout.write(`\n${table(rows)}\n`);
  process.exitCode = rows.some(({ failures }) => failures > 0) ? 1 : 0;
}

function table(rows: readonly Row[]): string {
  const head = ['scenario', 'deploys', 'requests', 'failures', 'worst wait', 'peak RSS', 'descriptors', 'besides'];
  const cells = rows.map((row) => [
    row.scenario,
    row.deploys === undefined ? '' : String(row.deploys),
    row.requests === undefined ? '' : row.requests.toLocaleString('en-US'),
    String(row.failures),
    row.worstWait === undefined ? '' : `${Math.round(row.worstWait)} ms`,
    row.peakRss === undefined ? '' : `${row.peakRss} MiB`,
    row.descriptors?.join(' → ') ?? '',
    row.note.trim(),
  ]);
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...cells.map(line)].join('\n');
}

void main();
