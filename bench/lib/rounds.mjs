// Interleaved rounds: every candidate in turn, again and again, so that whatever else the machine does falls on all of
// them alike; the medians count.
import { saturate } from './load.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures each candidate once a round, in an order that turns with the rounds.
 * @param measure returns an object of numbers
 * @returns for each candidate the medians of those numbers
 */
export async function interleave(candidates, rounds, measure) {
  const samples = new Map(candidates.map((candidate) => [candidate, []]));
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const candidate = candidates[(round + turn) % candidates.length];
      samples.get(candidate).push(await measure(candidate, round));
    }
  return candidates.map((candidate) => {
    const rows = samples.get(candidate);
    return Object.fromEntries(Object.keys(rows[0]).map((key) => [key, median(rows.map((row) => row[key]))]));
  });
}

/** What `run` costs a target, in microseconds: `{cpu, system}`, system being the kernel's share. */
export async function costOf(target, run) {
  const before = await target.cpu();
  const result = await run();
  const after = await target.cpu();
  const system = after.system - before.system;
  return { cpu: after.user - before.user + system, system, result };
}

/** Microseconds of CPU a request, the kernel's share of it, and requests a second of a target under full load. */
export async function cpuPerRequest(target, load) {
  const { cpu, system, result } = await saturate(target.port, { ...load, around: (run) => costOf(target, run) });
  return { cpu: cpu / result.requests, system: system / result.requests, rate: result.requests / result.seconds };
}

/**
 * Loads each target for so many seconds in all, in turn and piece by piece. One after the other would let the first ones
 * rest meanwhile: V8 takes the heap of a process that rests for some seconds down to the least, and then every small load
 * pays for full collections until it has grown again (three times the CPU for a file of 10 MB, in any Node-RED).
 * @param load loads a target for so many seconds
 */
export async function warmUp(targets, load, { seconds = 3, piece = 0.25 } = {}) {
  for (let left = seconds; left > 0; left -= piece) for (const target of targets) await load(target, piece);
}

/**
 * The usual measurement: starts the targets, warms each up, measures them in turn, stops them.
 * @param load the same for all, or a function of the target
 * @returns `[{name, cpu, system, rate}]` in the order of the targets
 */
export async function compare(starts, load, { rounds, seconds }) {
  const targets = [];
  try {
    for (const start of starts) {
      const target = await start();
      if (target) targets.push(target);
    }
    const loadOf = (target) => (typeof load === 'function' ? load(target) : load);
    await warmUp(targets, (target, piece) => saturate(target.port, { ...loadOf(target), seconds: piece }));
    const results = await interleave(targets, rounds, (target) =>
      cpuPerRequest(target, { ...loadOf(target), seconds }),
    );
    return results.map((result, index) => ({ name: targets[index].name, ...result }));
  } finally {
    for (const target of targets) await target.stop();
  }
}
