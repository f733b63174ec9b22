import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

/** The rows of the list of threats: T01 to T88, of which two were never given out. */
const rows = Array.from({ length: 88 }, (_, index) => `T${String(index + 1).padStart(2, '0')}`).filter(
  (id) => id !== 'T59' && id !== 'T60',
);

/** The ids that texts of the tests begin with. */
function namedIn(folder: string): Set<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const id of namedIn(path)) found.add(id);
    if (!entry.name.endsWith('.test.ts')) continue;
    const text = readFileSync(path, 'utf8');
    for (const [, ids = ''] of text.matchAll(/['"`]((?:T\d\d(?:,| and)?[ '])+)/g))
      for (const id of ids.match(/T\d\d/g) ?? []) found.add(id);
  }
  return found;
}

it('every row of the list of threats has a test named after it', () => {
  const named = namedIn(join(projectRoot, 'test'));
  assert.deepEqual(
    rows.filter((row) => !named.has(row)),
    [],
  );
});
