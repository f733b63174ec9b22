// The GET as a small machine runs it: one core, and 96 MB for the heap.
import { availableParallelism } from 'node:os';
import { run as measureGet } from './get.mjs';

export const title = 'GET on one core with --max-old-space-size=96';

export async function run(options) {
  // The clients keep the other cores: on a Pi they are other machines.
  const core = String(availableParallelism() - 1);
  const result = await measureGet({
    ...options,
    execArgv: ['--max-old-space-size=96'],
    under: ['taskset', '-c', core],
  });
  return { ...result, verdicts: [] };
}
