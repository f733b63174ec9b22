import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitPath } from '../../../src/routing/path-split.js';

describe('splitPath', () => {
  const cases: [path: string, segments: string[]][] = [
    ['/', ['']],
    ['/a', ['a']],
    ['/a/', ['a', '']],
    ['//a/../b;c', ['', 'a', '..', 'b;c']],
    ['/a%2Fb/%C3%BC/c', ['a/b', 'ü', 'c']],
    ['*', []],
    ['', []],
  ];
  for (const [path, segments] of cases)
    it(`makes ${JSON.stringify(segments)} of "${path}"`, () => assert.deepEqual(splitPath(path), segments));

  it('refuses an escape that is broken or no UTF-8', () => {
    for (const path of ['/%', '/a/%zz', '/%C3', '/%ff'])
      assert.throws(() => splitPath(path), { code: 'BAD_ESCAPE' }, path);
  });
});
