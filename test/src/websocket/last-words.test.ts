import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LastWords } from '../../../src/websocket/last-words.js';

describe('LastWords', () => {
  it('acts at once when nothing was said', () => {
    const acts: string[] = [];
    new LastWords(() => 0).before(() => acts.push('closed'));
    assert.deepEqual(acts, ['closed']);
  });

  it('waits a moment for answers, then acts in order', async () => {
    const acts: string[] = [];
    const until = performance.now() + 50;
    const words = new LastWords(() => until - performance.now());
    words.before(() => acts.push('closed'));
    words.before(() => acts.push('told'));
    assert.deepEqual(acts, []);
    for (let turn = 0; turn < 200 && acts.length < 2; turn += 1) await sleep(5);
    assert.deepEqual(acts, ['closed', 'told']);
  });

  it('waits for messages that have not been handed on, and for their answers, but not for ever', async () => {
    const acts: string[] = [];
    let rest = 50;
    const words = new LastWords(() => rest);
    words.before(() => acts.push('closed'));
    await sleep(120);
    assert.deepEqual(acts, []);
    rest = 0;
    for (let turn = 0; turn < 200 && acts.length < 1; turn += 1) await sleep(5);
    assert.equal(acts.length, 1);
  });

  it('waits no longer than a second, whatever is left', async () => {
    const acts: string[] = [];
    new LastWords(() => 50).before(() => acts.push('closed'));
    for (let turn = 0; turn < 600 && acts.length === 0; turn += 1) await sleep(5);
    assert.deepEqual(acts, ['closed']);
  });

  it('acts at once when the connection is over', () => {
    const acts: string[] = [];
    const words = new LastWords(() => 50);
    words.before(() => acts.push('closed'));
    words.flush();
    assert.deepEqual(acts, ['closed']);
  });
});
