import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { AccessLines } from '../../nodes/http-server-config/access-lines.js';

describe('The lines of an access log', () => {
  it('are logged one by one, in order, and held back from standard output until the last of a turn', async () => {
    const logged: unknown[] = [];
    const log = {
      INFO: 40,
      log: (entry: object) => logged.push({ ...entry, held: process.stdout.writableCorked > 0 }),
    };
    const lines = new AccessLines(log, { id: 'n1', type: 'http-server-config', name: 'home', z: '' });
    for (const line of ['a', 'b', 'c']) lines.add(line);
    assert.deepEqual(logged, []);
    await turn();
    const entry = { level: 40, id: 'n1', type: 'http-server-config', name: 'home', held: true };
    assert.deepEqual(logged, [
      { ...entry, msg: 'a' },
      { ...entry, msg: 'b' },
      { ...entry, msg: 'c' },
    ]);
    assert.equal(process.stdout.writableCorked, 0);
    lines.add('d');
    await turn();
    assert.equal(logged.length, 4);
  });
});
