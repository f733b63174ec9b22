import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { maxRanges, parseRange } from '../../../src/file/range.js';

/** The bytes a range set names, by the words of RFC 9110 14.1.2; undefined for one that is malformed. */
function naive(header: string, size: number): Set<number>[] | undefined {
  if (!header.startsWith('bytes=')) return undefined;
  const sets: Set<number>[] = [];
  for (const one of header.slice(6).split(',')) {
    const parts = one.trim().split('-');
    if (parts.length !== 2 || parts.some((part) => !/^\d*$/.test(part)) || one.trim() === '-') return undefined;
    const [first = '', last = ''] = parts;
    if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
    const bytes = new Set<number>();
    for (let at = 0; at < size; at += 1)
      if (first === '' ? at >= size - Number(last) : at >= Number(first) && (last === '' || at <= Number(last)))
        bytes.add(at);
    sets.push(bytes);
  }
  return sets;
}

const position = fc.oneof(fc.nat(12).map(String), fc.constant(''));
const spec = fc.tuple(position, position).map(([first, last]) => `${first}-${last}`);
const anySet = fc.array(spec, { minLength: 1, maxLength: 5 }).map((specs) => `bytes=${specs.join(',')}`);

describe('parseRange', () => {
  it('names the bytes that the grammar names, for any set and size', () => {
    fc.assert(
      fc.property(anySet, fc.nat(12), (header, size) => {
        const expected = naive(header, size);
        const parsed = parseRange(header, size);
        if (parsed === undefined) {
          // Malformed, or the same byte twice.
          const all = expected?.flatMap((set) => [...set]);
          assert.ok(all === undefined || new Set(all).size < all.length, header);
          return;
        }
        const bytes = parsed.flatMap(({ start, end }) =>
          Array.from({ length: end - start + 1 }, (_, index) => start + index),
        );
        assert.deepEqual(
          bytes,
          expected?.flatMap((set) => [...set]),
          header,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('never leaves the file, never overlaps, never names more parts than allowed, for any text', () => {
    const noise = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('0', '9', '-', ',', ' ', '=', 'bytes=', '\t', '99999999999999999'), { maxLength: 30 })
        .map((parts) => `bytes=${parts.join('')}`),
    );
    fc.assert(
      fc.property(noise, fc.nat(100), (header, size) => {
        const parsed = parseRange(header, size) ?? [];
        assert.ok(parsed.length <= maxRanges);
        for (const { start, end } of parsed) assert.ok(0 <= start && start <= end && end < size);
        const sorted = [...parsed].sort((a, b) => a.start - b.start);
        for (let index = 1; index < sorted.length; index += 1)
          assert.ok((sorted[index]?.start ?? 0) > (sorted[index - 1]?.end ?? 0));
      }),
      { numRuns: 2000 },
    );
  });

  it('joins neighbours that touch in the order asked, and only those', () => {
    assert.deepEqual(parseRange('bytes=0-1,2-3,4-', 10), [{ start: 0, end: 9 }]);
    assert.deepEqual(parseRange('bytes=2-3,0-1', 10), [
      { start: 2, end: 3 },
      { start: 0, end: 1 },
    ]);
    assert.deepEqual(parseRange('bytes=0-1,3-4', 10), [
      { start: 0, end: 1 },
      { start: 3, end: 4 },
    ]);
  });
});
