import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteCollector } from '../../../src/body/byte-collector.js';

const collect = (sizes: readonly number[]): { bytes: Buffer; wanted: Buffer; collector: ByteCollector } => {
  const collector = new ByteCollector();
  let next = 0;
  const chunks = sizes.map((size) => Buffer.from(Array.from({ length: size }, () => next++ % 251)));
  for (const chunk of chunks) collector.add(chunk);
  return { bytes: collector.toBuffer(), wanted: Buffer.concat(chunks), collector };
};

const bodies: [name: string, sizes: number[]][] = [
  ['no chunk', []],
  ['one chunk', [10]],
  ['an empty chunk', [0]],
  ['two small chunks', [10, 20]],
  ['two large chunks', [5000, 5000]],
  ['small, large, small', [10, 5000, 10]],
  ['large, small, small, large', [5000, 1, 2, 5000]],
  ['chunks at the edge between small and large', [1023, 1024, 1023, 1025]],
  ['many single bytes', Array.from({ length: 20_000 }, () => 1)],
  ['blocks that fill up exactly', [1, 1023, 1, 1023, 1, 1000, 1000, 1000]],
  ['empty chunks between', [5, 0, 5, 0]],
];
for (const [name, sizes] of bodies)
  test(`${name}: the bytes come back in order`, () => {
    const { bytes, wanted, collector } = collect(sizes);
    assert.equal(bytes.equals(wanted), true);
    assert.equal(collector.length, wanted.length);
  });

test('a body of one chunk is not copied', () => {
  const collector = new ByteCollector();
  const chunk = Buffer.from('x');
  collector.add(chunk);
  assert.equal(collector.toBuffer(), chunk);
});

test('a small chunk does not keep alive or share what it was cut from', () => {
  const collector = new ByteCollector();
  const slab = Buffer.alloc(100, 'a');
  collector.add(slab.subarray(0, 10));
  collector.add(slab.subarray(10, 20));
  const bytes = collector.toBuffer();
  slab.fill('b');
  assert.equal(bytes.subarray(10).toString(), 'a'.repeat(10));
});

test('T18 a body sent byte by byte costs memory in proportion to its bytes, not an object each', () => {
  const collector = new ByteCollector();
  const before = process.memoryUsage();
  for (let index = 0; index < 2_000_000; index++) collector.add(Buffer.from('x'));
  const after = process.memoryUsage();
  const bytes = collector.toBuffer();
  assert.equal(bytes.length, 2_000_000);
  // Two million Buffers would be about 200 MB; garbage that is not yet collected is allowed for.
  assert.ok(after.arrayBuffers - before.arrayBuffers < 40e6);
});
