import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventFrame } from '../../../src/sse/event-frame.js';
import { ReplayBuffer } from '../../../src/sse/replay-buffer.js';

function texts(buffer: ReplayBuffer, from = buffer.first): string[] {
  const out: string[] = [];
  for (let position = from; position < buffer.end; position++) out.push(buffer.at(position)!.body.toString());
  return out;
}

function filled(events: number, count: number, bytes = Infinity): ReplayBuffer {
  const buffer = new ReplayBuffer({ events, bytes });
  for (let index = 1; index <= count; index++) buffer.push(String(index), new EventFrame(`e${index}`));
  return buffer;
}

describe('ReplayBuffer', () => {
  it('keeps the latest events in order', () => {
    const buffer = filled(3, 5);
    assert.deepEqual(texts(buffer), ['e3', 'e4', 'e5']);
    assert.deepEqual([buffer.first, buffer.end], [2, 5]);
  });

  it('goes on behind a known id, and behind the last there is nothing', () => {
    const buffer = filled(3, 5);
    assert.deepEqual(texts(buffer, buffer.after('4')), ['e5']);
    assert.deepEqual(texts(buffer, buffer.after('5')), []);
  });

  it('gives everything kept for an evicted or unknown id', () => {
    const buffer = filled(3, 5);
    for (const id of ['1', '2', 'never', '', '6'])
      assert.deepEqual(texts(buffer, buffer.after(id)), ['e3', 'e4', 'e5'], id);
  });

  it('keeps nothing with a limit of 0, but goes on counting', () => {
    const buffer = filled(0, 5);
    assert.deepEqual([buffer.first, buffer.end, buffer.bytes, buffer.at(4)], [5, 5, 0, undefined]);
    assert.equal(buffer.after('5'), 5);
  });

  it('keeps no more bytes than its limit, counted without framing', () => {
    const buffer = filled(100, 10, 7);
    assert.deepEqual([texts(buffer), buffer.bytes], [['e8', 'e9', 'e10'], 7]);
  });

  it('takes the later event where an id was used twice, and survives the eviction of the first', () => {
    const buffer = new ReplayBuffer({ events: 3, bytes: Infinity });
    for (const [id, text] of [
      ['x', '1'],
      ['y', '2'],
      ['x', '3'],
      ['z', '4'],
    ] as const)
      buffer.push(id, new EventFrame(text));
    assert.deepEqual(texts(buffer, buffer.after('x')), ['4']);
    assert.deepEqual(texts(buffer), ['2', '3', '4']);
  });

  it('drops what is too much when its limits shrink, and keeps more when they grow', () => {
    const buffer = filled(5, 5);
    buffer.resize({ events: 2, bytes: Infinity });
    assert.deepEqual(texts(buffer), ['e4', 'e5']);
    buffer.resize({ events: 3, bytes: Infinity });
    buffer.push('6', new EventFrame('e6'));
    assert.deepEqual(texts(buffer), ['e4', 'e5', 'e6']);
  });

  it('behaves as a plain list cut at the front, whatever happens', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 30 }) }) },
      { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 0, max: 100 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
        const buffer = new ReplayBuffer({ events: 50, bytes: 400 });
        let limit = 50;
        let model: { id: string; text: string }[] = [];
        let total = 0;
        for (const one of steps) {
          if ('push' in one) {
            const text = `${total}`;
            buffer.push(String(one.push), new EventFrame(text));
            model.push({ id: String(one.push), text });
            total += 1;
          } else {
            limit = one.resize;
            buffer.resize({ events: limit, bytes: 400 });
          }
          const size = (): number => model.reduce((sum, { text }) => sum + text.length, 0);
          while (model.length > limit || size() > 400) model = model.slice(1);
        }
        assert.deepEqual(
          texts(buffer),
          model.map(({ text }) => text),
        );
        assert.deepEqual([buffer.end, buffer.first], [total, total - model.length]);
        for (let id = 0; id <= 30; id++) {
          const last = model.map((one) => one.id).lastIndexOf(String(id));
          assert.deepEqual(
            texts(buffer, buffer.after(String(id))),
            model.slice(last + 1).map(({ text }) => text),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
