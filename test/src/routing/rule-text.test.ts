import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRuleText } from '../../../src/routing/rule-text.js';

const rule = (methods: string[], path: string, appendSlash = false): object => ({ methods, path, appendSlash });

describe('a list of rules as text', () => {
  it('is a line for each: methods, path, and whether a slash may follow', () => {
    const text = `
      # devices
      GET,put  /device/<id>
      /about (/)
      any /api/....
      * /x(/)
      REPORT /report`;
    assert.deepEqual(readRuleText(text), [
      rule(['GET', 'PUT'], '/device/<id>'),
      rule(['GET'], '/about', true),
      rule([], '/api/....'),
      rule([], '/x', true),
      rule(['REPORT'], '/report'),
    ]);
  });

  it('is JSON as a flow saves it', () => {
    assert.deepEqual(readRuleText('[{"path":"/a"},{"methods":[],"path":"/b","appendSlash":true}]'), [
      rule(['GET'], '/a'),
      rule([], '/b', true),
    ]);
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      '# only a comment',
      'device',
      'GET device',
      'https://x.y/z\nabc',
      '[]',
      '[1]',
      '[{"path":1}]',
      '[{',
    ])
      assert.equal(readRuleText(text), undefined, text);
  });
});
