// This pack without what it does: the same types with their dialogs, help and texts, each made by one line.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Makes it. @returns its folder, which is the caller's to remove */
export function stubPack() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-stub-'));
  const { name, version, 'node-red': nodeRed } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, 'node-red': nodeRed }));
  for (const part of ['nodes', 'plugins'])
    cpSync(join(root, 'dist', part), join(folder, 'dist', part), {
      recursive: true,
      filter: (path) => !/\.(?:js|d\.ts|map|tsbuildinfo)$/.test(path),
    });
  for (const [type, file] of Object.entries(nodeRed.nodes))
    writeFileSync(
      join(folder, file),
      `module.exports = (RED) => RED.nodes.registerType('${type}', function (n) { RED.nodes.createNode(this, n); });`,
    );
  for (const file of Object.values(nodeRed.plugins)) writeFileSync(join(folder, file), 'module.exports = () => {};');
  return folder;
}
