/** Attacks by the usual tools, against a server with everything at its defaults in 512 MiB, while a good client keeps asking. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveFlow } from '../support/live-flow.js';
import { startFaultFlow } from './flow.js';
import { GoodClient } from './good-client.js';
import { Failures, type Row, Watch, skipped } from './measure.js';
import { MemoryLimit } from './memory-limit.js';

/** Memory of the small machine, in MiB. */
const memory = 512;

interface Attack {
  readonly name: string;
  readonly command: (url: (path: string) => string) => string[];
  /** What of the tool's output goes into the table. */
  readonly shows?: RegExp;
}

const slow = (name: string, path: string, options: string): Attack => ({
  name: `slowhttptest ${name}`,
  command: (url) => ['slowhttptest', ...`-c 1000 -r 500 -p 5 ${options} -u`.split(' '), url(path)],
});

const flood = (name: string, path: string, options: string): Attack => ({
  name: `wrk ${name}`,
  command: (url) => ['wrk', ...options.split(' '), url(path)],
  shows: /Requests\/sec: +\d+/,
});

const attacks: readonly Attack[] = [
  slow('-H', '/health', '-H -i 5 -l 40'),
  slow('-B', '/echo', '-B -i 35 -s 100000 -l 60'),
  slow('-R', '/files/big.bin', '-R -a 1 -b 3000 -l 40'),
  slow('-X', '/files/big.bin', '-X -w 512 -y 1024 -n 5 -z 32 -k 3 -l 60'),
  flood('-c 256', '/echo', '-t 1 -c 256 -d 8'),
  flood('-c 1000 files', '/files/big.bin', '-t 1 -c 1000 -d 8'),
];

/** Every attack whose tool is installed. */
export async function toolAttacks(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  writeFileSync(join(folder, 'big.bin'), Buffer.alloc(512 * 1024, 'x'));
  const limit = MemoryLimit.of(memory);
  const flow = await startFaultFlow({ rootPath: folder }, { within: limit?.command });
  const rows: Row[] = [];
  for (const attack of attacks) {
    const [tool = ''] = attack.command(String);
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
      rows.push(skipped(attack.name, `${tool} is not installed`));
    else rows.push(await run(flow, attack, limit ? `in ${memory} MiB` : 'without a limit of memory'));
  }
  await flow.stop();
  limit?.remove();
  rmSync(folder, { recursive: true });
  return rows;
}

async function run(flow: LiveFlow, { name, command, shows }: Attack, where: string): Promise<Row> {
  const failures = new Failures();
  const watch = new Watch(flow.nodeRed);
  const client = new GoodClient(flow, failures);
  const began = performance.now();
  // A tool may go on reading what the system keeps of a connection that the server has closed long ago.
  let gone = 0;
  const looking = setInterval(() => {
    if (watch.more > 2) gone = performance.now() - began;
  }, 200);
  const output = await outputOf(command((path) => flow.url(path)));
  const { requests, worstWait, medianWait } = await client.stop();
  const ended = await watch.stop();
  clearInterval(looking);
  failures.add('attacker still connected', Math.max(0, ended.descriptors[1] - ended.descriptors[0]));
  if (flow.nodeRed.child.exitCode !== null || flow.nodeRed.child.signalCode !== null) failures.add('process ended');
  return {
    scenario: name,
    requests,
    failures: failures.total,
    worstWait,
    ...ended,
    note: `${where}; the good client waits ${medianWait.toFixed(0)} ms (median); ${shows?.exec(output)?.[0] ?? `all gone ${(gone / 1000).toFixed(0)} s after the start`} ${failures.toString()}`,
  };
}

/** What a tool prints, without its colours. */
function outputOf([program = '', ...rest]: string[]): Promise<string> {
  return new Promise((done, fail) => {
    const tool = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const keep = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
    };
    tool.stdout.on('data', keep);
    tool.stderr.on('data', keep);
    tool.once('error', fail).once('close', () => done(text.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, '')));
  });
}
