// Files of three sizes: file-response beside send, sirv, the core's httpStatic and nginx.
import { rmSync } from 'node:fs';
import { folderOf } from './lib/folder.mjs';
import { emptyFlow, ourFiles } from './lib/flows.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { peersFolder } from './lib/peers.mjs';
import { compare } from './lib/rounds.mjs';
import { nginxTarget, scriptTarget } from './lib/target.mjs';
import { costTable, verdict } from './lib/verdict.mjs';

export const title = 'Files of 1 KB, 10 KB and 10 MB';

const sizes = { '1 KB': 1024, '10 KB': 10 * 1024, '10 MB': 10 * 1024 * 1024 };
const targetsOf = (size) =>
  size === '10 MB'
    ? { send: 1, nginx: 0.7, 'a bare loop in Node': 0.75 }
    : { send: 3, sirv: 1.5, 'core httpStatic': 6, nginx: 0.4 };

export async function run({ platform, rounds, seconds }) {
  const root = folderOf(Object.fromEntries(Object.entries(sizes).map(([size, bytes]) => [fileName(size), bytes])));
  const peers = peersFolder();
  const script = (library) => () =>
    scriptTarget(library, 'files.mjs', { node: platform.node, args: [library, peers, root] });
  const verdicts = [];
  const tables = [];
  try {
    for (const size of Object.keys(sizes)) {
      const results = await compare(
        [
          () => nodeRedTarget('ours', ourFiles(root), { platform }),
          script('send'),
          script('sirv'),
          () =>
            nodeRedTarget('core httpStatic', emptyFlow, { platform, withPack: false, settings: { httpStatic: root } }),
          () => nginxTarget(root),
          ...(size === '10 MB'
            ? [() => scriptTarget('a bare loop in Node', 'loop.mjs', { node: platform.node, args: [root] })]
            : []),
        ],
        { request: requestOf(`/${fileName(size)}`), connections: size === '10 MB' ? 8 : 32 },
        { rounds, seconds },
      );
      tables.push(costTable(`${size}, ${size === '10 MB' ? 8 : 32} connections`, results));
      const cpuOf = (name) => results.find((result) => result.name === name)?.cpu;
      for (const [name, target] of Object.entries(targetsOf(size)))
        if (cpuOf(name)) verdicts.push(verdict(`${size} beside ${name}`, cpuOf(name) / cpuOf('ours'), target));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
  return { verdicts, tables };
}

function fileName(size) {
  return `${size.replace(' ', '-').toLowerCase()}.txt`;
}
