// Many rules, the last of them asked for.
import { bareHops, bareSettings, ourHello } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { compare } from './lib/rounds.mjs';
import { costTable, verdict } from './lib/verdict.mjs';

export const title = 'Rules: 1 to 10,000, the last one asked for';

const counts = [1, 10, 100, 1000, 10_000];

export async function run({ platform, rounds, seconds }) {
  const rulesOf = (count) => [
    ...Array.from({ length: count - 1 }, (_, index) => ({ methods: ['GET'], path: `/section-${index}/<name>` })),
    { methods: ['GET'], path: '/hello/<name>' },
  ];
  const results = await compare(
    [
      ...counts.map((count) => () => nodeRedTarget(`${count}`, ourHello({ rules: rulesOf(count) }), { platform })),
      ...[1, 1000].map(
        (count) => () =>
          nodeRedTarget(`bare hops, outputs: ${count}`, bareHops(count), {
            platform,
            withPack: false,
            settings: bareSettings,
          }),
      ),
    ],
    { request: requestOf('/hello/world') },
    { rounds, seconds },
  );
  const one = results[0];
  const thousand = results[counts.indexOf(1000)];
  const [bareOne, bareThousand] = results.slice(counts.length);
  return {
    verdicts: [
      verdict('1000 rules beside 1 rule', one.cpu / thousand.cpu, 0.95),
      verdict('what Node-RED leaves of it: bare hops, 1000 outputs beside 1', bareOne.cpu / bareThousand.cpu, 0.95),
    ],
    tables: [costTable('rules', results)],
    plots: [
      {
        name: 'rules',
        title: 'Cost of a request by the number of rules',
        x: { label: 'rules', log: true },
        y: { label: 'CPU µs/request' },
        series: [
          { name: 'ours', points: results.slice(0, counts.length).map(({ cpu }, index) => [counts[index], cpu]) },
        ],
      },
    ],
  };
}
