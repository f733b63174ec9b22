import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import ts from 'typescript';

const root = resolve(__dirname, '../../../..');

/** How many rows each group of the API has, by the prefix of their names. */
const rows: Record<string, number> = {
  P: 8,
  SV: 29,
  RT: 16,
  RQ: 15,
  FS: 9,
  QP: 5,
  FD: 13,
  HD: 15,
  RS: 12,
  FR: 12,
  CR: 3,
  JR: 1,
  RD: 2,
  SS: 7,
  WS: 12,
  MT: 5,
  AU: 8,
  EX: 8,
  DB: 5,
  EN: 7,
  L: 28,
  D: 18,
};

interface Row {
  readonly id: string;
  readonly cells: readonly string[];
}

/** Defects of the library are L01 to L28, everything else counts from 1. */
const wanted = Object.entries(rows).flatMap(([prefix, count]) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(prefix === 'L' ? 2 : 1, '0')}`),
);

function readTable(): Row[] {
  return readFileSync(join(root, 'docs/api-parity.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [A-Z]{1,2}\d+ /.test(line))
    .map((line) => {
      const cells = line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replace(/\\([|*_<>])/g, '$1'));
      return { id: cells[0] ?? '', cells };
    });
}

/** The names a test file gives to its tests and groups: literal texts in calls of `it`, `describe` and their kin. */
function namesIn(file: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|test|describe|example)$/.test(node.expression.getText(source)))
      for (const argument of node.arguments) if (ts.isStringLiteralLike(argument)) names.add(argument.text);
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022);
  visit(source);
  return names;
}

describe('docs/api-parity.md', () => {
  let table: Row[] = [];
  before(() => {
    table = readTable();
  });

  it('has every row of the API, once', () => {
    assert.equal(wanted.length, 238);
    assert.deepEqual(table.map(({ id }) => id).sort(), [...wanted].sort());
  });

  it('says of every row what provides it in the engine and in a flow', () => {
    for (const { id, cells } of table) {
      assert.equal(cells.length, 5, id);
      assert.ok(cells[1] !== '' && cells[2] !== '' && cells[3] !== '', `${id} has an empty cell`);
      assert.doesNotMatch(cells.join(' '), /\b(later|todo|tbd|not yet)\b/i, id);
    }
  });

  it('names tests that exist', () => {
    const known = new Map<string, ReadonlySet<string>>();
    for (const { id, cells } of table) {
      for (const reference of (cells[3] ?? '').split('<br>')) {
        const match = /^`([\w/-]+)` › (.+)$/.exec(reference);
        assert.ok(match, `${id}: "${reference}" is no reference to a test`);
        const [, file = '', name = ''] = match;
        const path = join(root, 'test', `${file}.test.ts`);
        assert.ok(existsSync(path), `${id}: there is no ${path}`);
        if (!known.has(path)) known.set(path, namesIn(path));
        assert.ok(known.get(path)?.has(name), `${id}: ${file}.test.ts has no test "${name}"`);
      }
    }
  });
});
