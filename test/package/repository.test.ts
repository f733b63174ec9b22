import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';

const tracked = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).trim().split('\n');
const textOf = (file: string): string => readFileSync(join(projectRoot, file), 'utf8');
const texts = tracked.filter((file) => !/\.(png|ico|gz|br|webp|jpg)$/.test(file));

describe('the repository', () => {
  it('names no folder of a machine and no host of a registry', () => {
    // At the beginning of a path: a folder of a test may have that name, too.
    const home = new RegExp(`(^|[^\\w.})*-])${['/', 'root', '/'].join('')}`, 'm');
    for (const file of texts) {
      const text = textOf(file);
      assert.doesNotMatch(text, /registry\.npmjs\.org|\/home\/[a-z]+\/|\/Users\/[A-Z]/, file);
      assert.ok(!text.includes(projectRoot + '/') && !home.test(text), file);
    }
  });

  it('holds no build output and no secret', () => {
    for (const file of tracked) assert.doesNotMatch(file, /(^|\/)(node_modules|dist|\.cache|\.node-red)\//);
    for (const file of texts)
      if (!file.startsWith('test/')) assert.doesNotMatch(textOf(file), /-----BEGIN [A-Z ]*PRIVATE KEY-----/, file);
  });

  it('has the two commands in its README, and .ci/run begins with the second', () => {
    const readme = textOf('README.md');
    assert.match(readme, /npm ci && npm start/);
    assert.match(readme, /npm ci && npm test/);
    assert.match(/^stage .*$/m.exec(textOf('.ci/run'))?.[0] ?? '', /npm ci && npm test/);
  });

  it('has a changelog with an entry for what is new', () => {
    assert.match(textOf('CHANGELOG.md'), /^## \[(Unreleased|\d+\.\d+\.\d+)\]/m);
  });
});
