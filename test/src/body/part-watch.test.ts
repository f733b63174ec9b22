import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PartWatch } from '../../../src/body/part-watch.js';
import { leastCpu } from '../../support/cpu-time.js';
import { boundary, multipart } from './body-server.js';
import { splits } from './multipart-read.js';

const limits = { parts: 3, headerPairs: 4 };
const watch = (chunks: readonly Buffer[]): number => {
  const watching = new PartWatch(boundary, limits);
  for (const chunk of chunks) watching.see(chunk);
  return watching.parts;
};

describe('the watch over a multipart body', () => {
  it('counts the parts whose headers it has seen, however the bytes are cut', () => {
    const bodies: [number, Buffer][] = [
      [0, multipart([])],
      [1, multipart([{ name: 'a', data: '' }])],
      [3, multipart(['a', 'b', 'c'].map((name) => ({ name, data: `\r\n--${boundary.slice(1)}\r\n-\r\n--` })))],
      [1, Buffer.from(`preamble\r\n${multipart([{ name: 'a', data: 'x' }]).toString()}epilogue\r\n--${boundary}\r\n`)],
      [0, Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name=a\r\n`)],
      [0, Buffer.from(`no delimiter --${boundary}\r\n`)],
    ];
    for (const [parts, bytes] of bodies) for (const chunks of splits(bytes)) assert.equal(watch(chunks), parts);
  });

  it('T26 refuses one part more than the limit at its delimiter, before its headers', () => {
    const bytes = multipart(Array.from({ length: 4 }, () => ({ name: 'a', data: '' })));
    for (const chunks of splits(bytes)) assert.throws(() => watch(chunks), { code: 'LIMIT_PARTS' });
    const fourth = bytes.lastIndexOf(`--${boundary}\r\n`) + boundary.length + 4;
    assert.throws(() => watch([bytes.subarray(0, fourth)]), { code: 'LIMIT_PARTS' });
  });

  it('T26 refuses one header more than the limit', () => {
    const headers = (count: number): Buffer =>
      multipart([{ headers: `Content-Disposition: form-data; name=a${'\r\nX: 1'.repeat(count - 1)}`, data: '' }]);
    for (const chunks of splits(headers(4))) assert.equal(watch(chunks), 1);
    for (const chunks of splits(headers(5))) assert.throws(() => watch(chunks), { code: 'LIMIT_HEADER_PAIRS' });
  });

  it('T25 refuses what is no delimiter and what is no form data', () => {
    for (const text of [
      `--${boundary}xy`,
      `--${boundary}-x`,
      `--${boundary}\n\n`,
      `--${boundary}\r\n\r\n`,
      `--${boundary}\r\nContent-Disposition: file; name=a\r\n\r\n`,
      `--${boundary}\r\nX-Content-Disposition: form-data\r\n\r\n`,
    ])
      for (const chunks of splits(Buffer.from(text)))
        assert.throws(() => watch(chunks), { code: 'BAD_MULTIPART' }, JSON.stringify(text));
  });

  it('costs next to nothing, also for data made of half delimiters', () => {
    const chunk = Buffer.alloc(65536, `\r\n--${boundary.slice(0, -1)}`);
    const cpu = leastCpu(() => {
      const watching = new PartWatch(boundary, limits);
      for (let count = 0; count < 160; count++) watching.see(chunk);
    });
    assert.ok(cpu < 500, `${cpu} ms for 10 MB`);
  });
});
