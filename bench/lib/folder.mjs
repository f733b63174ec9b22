import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder with text files of these sizes; whoever makes it removes it. */
export function folderOf(sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
  // nginx reads it as another user.
  chmodSync(folder, 0o755);
  for (const [name, bytes] of Object.entries(sizes))
    writeFileSync(join(folder, name), 'A line of a file.\n'.repeat(bytes / 18 + 1).slice(0, bytes));
  return folder;
}
