// bench/RESULTS.md and its plots, from the stored results of the works.
import { cpus, loadavg, totalmem } from 'node:os';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePlot } from './plot.mjs';

/**
 * Writes RESULTS.md and the SVG files into `folder`.
 * @param names the works in the order of the report
 * @param stored the folder of the results, `<work>-<platform>.json`
 * @param comments text by work that is put below its tables: what bounds a figure
 */
export function writeReport(folder, stored, names, comments) {
  const results = names.flatMap((name) =>
    ['4.1', '5.0']
      .map((platform) => join(stored, `${name}-${platform}.json`))
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8'))),
  );
  const parts = [head(), summary(results)];
  for (const name of names) {
    const own = results.filter((result) => result.name === name);
    if (own.length > 0) parts.push(section(name, own, comments[name], folder));
  }
  writeFileSync(join(folder, 'RESULTS.md'), `${parts.join('\n\n')}\n`);
}

function head() {
  const [cpu] = cpus();
  return `# What it costs

Written by \`npm run bench\`; one work alone: \`npm run bench -- get --platform 4.1\` (works: see \`bench/works.mjs\`).

Everything runs at its defaults, over loopback, on ${cpus().length} cores (${cpu.model.trim()}) with ${Math.round(totalmem() / 2 ** 30)} GB. Node-RED 4.1 runs
on Node ${process.version.slice(1)}, Node-RED 5.0 on Node 24; peers run on the same Node. The figure that counts is the CPU of the server process, user and
system, per unit of work: candidates take turns, round by round, in an order that turns too, and the medians are shown. The clients
are raw sockets in another process. Rates are what the clients got on this machine and are shown for orientation. Other programs ran
on it, too (load average ${loadavg()[2].toFixed(0)} when this was written): the same work cost
up to three times as much in one minute as in another (a GET of bare node:http between 17 and 55 µs), what uses more memory most of all. Ratios scatter by 10 to 20 % from run to run.

A ratio is the other's CPU divided by ours: above 1 we need less.`;
}

function summary(results) {
  const rows = results.flatMap(({ title, platform, verdicts = [] }) =>
    verdicts.map(({ measure, value, target, atMost, unit, met }) => [
      title,
      platform,
      measure,
      `${value.toFixed(2)} ${unit}`,
      `${atMost ? '≤' : '≥'} ${target} ${unit}`,
      met ? 'yes' : '**no**',
    ]),
  );
  return `## Targets\n\n${table(['work', 'Node-RED', 'measure', 'value', 'target', 'met'], rows)}`;
}

function section(name, results, comment, folder) {
  const parts = [`## ${results[0].title}`];
  for (const { platform, tables = [], plots = [], notes = [], text } of results) {
    parts.push(`### Node-RED ${platform}`);
    for (const { title, head: columns, rows } of tables) parts.push(`${title}\n\n${table(columns, rows)}`);
    if (text) parts.push(`\`\`\`\n${text.trim()}\n\`\`\``);
    for (const plot of plots) {
      const file = `${plot.name}-${platform}.svg`;
      writeFileSync(join(folder, file), encodePlot(plot));
      parts.push(`![${plot.title}, Node-RED ${platform}](${file})`);
    }
    parts.push(...notes);
  }
  if (comment) parts.push(comment);
  return parts.join('\n\n');
}

function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell).trim()));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const lineOf = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [
    lineOf(cells[0]),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.slice(1).map(lineOf),
  ].join('\n');
}
