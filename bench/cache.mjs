// Small files from memory and from disk: one file asked for again and again, and more files than the cache holds.
import { rmSync } from 'node:fs';
import { ourFiles } from './lib/flows.mjs';
import { folderOf } from './lib/folder.mjs';
import { requestOf } from './lib/load.mjs';
import { nodeRedTarget } from './lib/node-red.mjs';
import { peersFolder } from './lib/peers.mjs';
import { compare } from './lib/rounds.mjs';
import { scriptTarget } from './lib/target.mjs';
import { costTable } from './lib/verdict.mjs';

export const title = 'Small files: cache hit and miss';

/** More files than the cache holds: each is out of it again before it is asked for the next time. */
const files = 2000;

export async function run({ platform, rounds, seconds }) {
  const root = folderOf(
    Object.fromEntries(
      Array.from({ length: files }, (_, index) => [`file-${String(index).padStart(4, '0')}.txt`, 1024]),
    ),
  );
  const peers = peersFolder();
  const all = Array.from({ length: files }, (_, index) => requestOf(`/file-${String(index).padStart(4, '0')}.txt`));
  try {
    const tables = [];
    for (const [name, request] of [
      ['hit: one file', all[0]],
      [`miss: ${files} files in turn`, all],
    ])
      tables.push(
        costTable(
          name,
          await compare(
            [
              () => nodeRedTarget('ours', ourFiles(root), { platform }),
              ...['send', 'sirv'].map(
                (library) => () =>
                  scriptTarget(library, 'files.mjs', { node: platform.node, args: [library, peers, root] }),
              ),
            ],
            { request },
            { rounds, seconds },
          ),
        ),
      );
    return { tables };
  } finally {
    rmSync(root, { recursive: true });
  }
}
