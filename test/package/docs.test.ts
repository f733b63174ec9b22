import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

describe('docs/engine.md', () => {
  it('says what the sources say', () => {
    const script = join(projectRoot, 'scripts/docs.mjs');
    const run = spawnSync(process.execPath, [script, '--check'], { cwd: projectRoot, encoding: 'utf8' });
    assert.equal(run.stderr, '');
    assert.equal(run.status, 0);
  });
});
