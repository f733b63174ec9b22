import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EntryTable } from '../../../src/routing/entry-table.js';

type Row = [path: string, methods?: string[]];

function build(rows: Row[]): EntryTable<string> {
  const table = new EntryTable<string>();
  rows.forEach(([path, methods = []], order) =>
    table.add({ path, methods, order, value: `${methods.join('+')} ${path}` }),
  );
  return table;
}

const value = (table: EntryTable<string>, method: string, path: string, upgrade = false): string => {
  const match = table.match(method, path, { upgrade });
  return match.kind === 'match' ? match.value : match.kind;
};

describe('the doors of a server', () => {
  const rows: Row[] = [['/*'], [''], ['/a/<x>'], ['/a/b'], ['/a/...'], ['/a/....'], ['/a/*']];

  it('take the most specific path, whatever the order they came in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        const table = build(shuffled);
        assert.equal(value(table, 'GET', '/a/b'), ' /a/b');
        assert.equal(value(table, 'GET', '/a/c'), ' /a/<x>');
        assert.equal(value(table, 'GET', '/a/c/d'), ' /a/....');
        assert.equal(value(table, 'GET', '/a/'), ' /a/*');
        assert.equal(value(table, 'GET', '/z'), ' /*');
      }),
      { numRuns: 50 },
    );
  });

  it('take every path where the path is empty', () => {
    const table = build([['']]);
    assert.equal(value(table, 'GET', '/'), ' ');
    assert.equal(value(table, 'BREW', '/a//b/'), ' ');
  });

  it('prefer a named method to any, on the winning path only', () => {
    const table = build([['/a'], ['/a', ['GET']], ['/<x>', ['POST']]]);
    assert.equal(value(table, 'GET', '/a'), 'GET /a');
    assert.equal(value(table, 'POST', '/a'), ' /a');
    assert.equal(value(table, 'POST', '/b'), 'POST /<x>');
  });

  it('T07 answer OPTIONS and other methods with Allow, and serve HEAD by GET', () => {
    const table = build([['/a', ['GET', 'POST']], ['/<x>']]);
    assert.deepEqual(table.match('OPTIONS', '/a'), { kind: 'options', allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] });
    assert.deepEqual(table.match('PUT', '/a'), { kind: 'method', allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] });
    assert.equal(value(table, 'HEAD', '/a'), 'GET+POST /a');
    assert.equal(
      value(
        build([
          ['/a', ['GET']],
          ['/a', ['HEAD']],
        ]),
        'HEAD',
        '/a',
      ),
      'HEAD /a',
    );
    assert.equal(value(table, 'OPTIONS', '/b'), ' /<x>');
  });

  it('send upgrades to "WEBSOCKET", else to GET, else to any', () => {
    assert.equal(value(build([['/w', ['GET']], ['/w', ['WEBSOCKET']], ['/w']]), 'GET', '/w', true), 'WEBSOCKET /w');
    assert.equal(value(build([['/w', ['GET']], ['/w']]), 'GET', '/w', true), 'GET /w');
    assert.equal(value(build([['/w', ['POST']], ['/w']]), 'GET', '/w', true), ' /w');
    assert.equal(value(build([['/w', ['WEBSOCKET']]]), 'GET', '/w'), 'method');
  });

  it('give each entry the parameters by its own names', () => {
    const table = build([
      ['/a/<x>', ['GET']],
      ['/a/:y', ['POST']],
    ]);
    const params = (method: string): unknown => {
      const match = table.match(method, '/a/1');
      return match.kind === 'match' && match.params;
    };
    assert.deepEqual(params('GET'), { x: '1' });
    assert.deepEqual(params('POST'), { y: '1' });
  });

  it('T78 keep the earlier of two equal entries and tell the later, which takes over by itself', () => {
    const table = new EntryTable<string>();
    const told: boolean[] = [];
    table.add({ path: '/a/:y', methods: ['GET'], order: 2, value: 'second' }, (conflict) => told.push(conflict));
    assert.equal(value(table, 'GET', '/a/1'), 'second');
    const remove = table.add({ path: '/a/<x>', methods: ['POST', 'GET'], order: 1, value: 'first' });
    assert.deepEqual(told, [true]);
    assert.equal(value(table, 'GET', '/a/1'), 'first');
    remove();
    assert.deepEqual(told, [true, false]);
    assert.equal(value(table, 'GET', '/a/1'), 'second');
    assert.equal(value(table, 'POST', '/a/1'), 'method');
  });

  it('know nothing when they are gone', () => {
    const table = new EntryTable<string>();
    const remove = table.add({ path: '/a', methods: [], order: 0, value: 'a' });
    remove();
    assert.deepEqual(table.match('GET', '/a'), { kind: 'none' });
  });

  it('refuse a path that cannot be compiled', () => {
    assert.throws(() => build([['a']]), { name: 'PatternError' });
  });
});
