import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { AccessLines } from '../../nodes/http-server-config/access-lines.js';
import type { ServerNode } from '../../nodes/lib/server-node.js';

describe('The lines of an access log', () => {
  it('are logged one by one, in order, and held back from standard output until the last of a turn', async () => {
    const logged: [string, boolean][] = [];
    const node = {
      log: (line: string) => logged.push([line, process.stdout.writableCorked > 0]),
    } as unknown as ServerNode;
    const lines = new AccessLines(node);
    for (const line of ['a', 'b', 'c']) lines.add(line);
    assert.deepEqual(logged, []);
    await turn();
    assert.deepEqual(logged, [
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    assert.equal(process.stdout.writableCorked, 0);
    lines.add('d');
    await turn();
    assert.equal(logged.length, 4);
  });
});
