import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shareSettings } from '../../../src/server/live-channels.js';

const plain = { replay: 0, backlog: 1000, heartbeat: 15, maxClients: 0, onFull: 'reject' } as const;

describe('shareSettings', () => {
  it('leaves the settings of one node as they are', () => {
    assert.equal(shareSettings([plain]), plain);
  });

  it('takes the most that is kept, the largest backlog, the shortest heartbeat and the smallest limit', () => {
    const other = { replay: 50, backlog: 500, heartbeat: 5, maxClients: 3, onFull: 'replace', retry: 100 } as const;
    const merged = { replay: 50, backlog: 1000, heartbeat: 5, maxClients: 3, onFull: 'replace', retry: 100 };
    assert.deepEqual(shareSettings([plain, other]), merged);
    assert.deepEqual(shareSettings([other, plain]), merged);
  });

  it('has no heartbeat and no limit when nobody wants one', () => {
    const shared = shareSettings([
      { ...plain, heartbeat: 0 },
      { ...plain, heartbeat: 0 },
    ]);
    assert.deepEqual([shared.heartbeat, shared.maxClients, shared.onFull], [0, 0, 'reject']);
  });
});
