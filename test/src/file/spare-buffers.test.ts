import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpareBuffers, spareLimits } from '../../../src/file/spare-buffers.js';

describe('The buffers of file transfers', () => {
  it('serve again, each to one transfer at a time', () => {
    const spare = new SpareBuffers();
    const [first, second] = [spare.take(65536), spare.take(65536)];
    assert.notEqual(first.buffer, second.buffer);
    spare.give(first);
    assert.equal(spare.take(65536), first);
    assert.notEqual(spare.take(65536), first);
    spare.give(first);
    assert.equal(spare.take(131072).length, 131072);
  });

  it('are kept up to a bound', () => {
    const spare = new SpareBuffers();
    const size = spareLimits.bytes / 4;
    const taken = Array.from({ length: 6 }, () => spare.take(size));
    for (const buffer of taken) spare.give(buffer);
    const again = Array.from({ length: 6 }, () => spare.take(size));
    assert.equal(again.filter((buffer) => taken.includes(buffer)).length, 4);
  });

  it('are let go when no transfer has needed them for a while', async () => {
    const spare = new SpareBuffers(30);
    const buffer = spare.take(65536);
    spare.give(buffer);
    const kept = spare.take(65536);
    assert.equal(kept, buffer);
    spare.give(kept);
    await sleep(100);
    assert.notEqual(spare.take(65536), buffer);
  });
});
