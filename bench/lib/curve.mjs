// One load in several sizes: a table and two plots, of cost and of rate.
import { saturate } from './load.mjs';
import { cpuPerRequest, interleave, warmUp } from './rounds.mjs';

/**
 * @param starts the targets, ours first
 * @param sizes the values of the horizontal axis
 * @param loadOf the load of a size
 */
export async function curve(starts, sizes, loadOf, { rounds, seconds, name, label, logCost = false }) {
  const targets = [];
  const results = [];
  try {
    for (const start of starts) targets.push(await start());
    const loading = (size) => (target, piece) => saturate(target.port, { ...loadOf(size), seconds: piece });
    await warmUp(targets, loading(sizes[0]));
    for (const size of sizes) {
      await warmUp(targets, loading(size), { seconds: 0.5 });
      results.push(
        await interleave(targets, rounds, (target) => cpuPerRequest(target, { ...loadOf(size), seconds: seconds / 2 })),
      );
    }
  } finally {
    for (const target of targets) await target.stop();
  }
  const names = targets.map((target) => target.name);
  const series = (key) =>
    names.map((one, at) => ({ name: one, points: results.map((row, index) => [sizes[index], row[at][key]]) }));
  return {
    tables: [
      {
        title: 'CPU µs/request, and requests/s',
        head: [label, ...names, ...names.map((one) => `${one}/s`)],
        rows: results.map((row, index) => [
          sizes[index],
          ...row.map(({ cpu }) => cpu.toFixed(1)),
          ...row.map(({ rate }) => Math.round(rate)),
        ]),
      },
    ],
    plots: [
      {
        name: `${name}-cpu`,
        title: 'Cost of a request',
        x: { label, log: true },
        y: { label: 'CPU µs/request', log: logCost },
        series: series('cpu'),
      },
      {
        name: `${name}-rate`,
        title: 'Requests a second',
        x: { label, log: true },
        y: { label: 'requests/s', log: logCost },
        series: series('rate'),
      },
    ],
  };
}
