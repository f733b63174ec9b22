import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/index.js';
import { ExchangeList } from '../../../src/server/exchange-list.js';

const exchange = (path: string): Exchange => ({ path, previous: undefined, next: undefined }) as Exchange;
const pathsOf = (list: ExchangeList): string[] => [...list].map(({ path }) => path);

describe('The list of open exchanges', () => {
  const [a, b, c] = [exchange('a'), exchange('b'), exchange('c')];

  it('keeps the order of arrival, whichever is removed', () => {
    for (const [removed, left] of [
      [a, ['b', 'c']],
      [b, ['a', 'c']],
      [c, ['a', 'b']],
    ] as const) {
      const list = new ExchangeList();
      for (const one of [a, b, c]) list.add(one);
      list.remove(removed);
      assert.deepEqual(pathsOf(list), left);
      assert.equal(list.size, 2);
      assert.equal(removed.previous ?? removed.next, undefined, 'the removed one keeps nobody alive');
      for (const one of [a, b, c]) if (one !== removed) list.remove(one);
      assert.deepEqual(pathsOf(list), []);
      assert.equal(list.size, 0);
    }
  });

  it('goes on when the one at hand is removed', () => {
    const list = new ExchangeList();
    for (const one of [a, b, c]) list.add(one);
    const seen: string[] = [];
    for (const one of list) {
      seen.push(one.path);
      list.remove(one);
    }
    assert.deepEqual(seen, ['a', 'b', 'c']);
    assert.equal(list.size, 0);
  });

  it('takes one back that was removed', () => {
    const list = new ExchangeList();
    list.add(a);
    list.remove(a);
    list.add(b);
    list.add(a);
    assert.deepEqual(pathsOf(list), ['b', 'a']);
  });
});
