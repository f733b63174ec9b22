import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { limitStream } from '../../../src/body/limited-stream.js';
import { boundary, most } from './body-server.js';
import { parseUpload } from './multipart-read.js';

const megabyte = 1024 * 1024;
const chunkSize = 64 * 1024;

/** 100 MB in chunks that are a Buffer each, as a socket's are; `peak` is what all Buffers of the process held at most. */
function hundredMegabytes(head = '', tail = ''): { stream: Readable; peak: () => number } {
  const before = process.memoryUsage().arrayBuffers;
  let left = (100 * megabyte) / chunkSize;
  let peak = 0;
  const stream = new Readable({
    highWaterMark: chunkSize,
    read() {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      if (left > 0) this.push(Buffer.allocUnsafeSlow(chunkSize).fill(97));
      else {
        if (tail !== '') this.push(tail);
        this.push(null);
      }
      left -= 1;
    },
  });
  if (head !== '') stream.push(head);
  return { stream, peak: () => peak / megabyte };
}

describe('100 MB that pass cost at most 16 MB of memory', () => {
  it('on their way to disk', async () => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`;
    const { stream, peak } = hundredMegabytes(head, `\r\n--${boundary}--\r\n`);
    const body = await parseUpload(stream, { upload: 'disk', uploadLimit: most(200 * megabyte, 'uploadLimit') });
    assert.equal(body.files?.[0]?.size, 100 * megabyte);
    await body.discard?.();
    assert.ok(peak() < 16, `${peak()} MB`);
  });

  it('on their way to a flow that takes the body as a stream', async () => {
    const { stream, peak } = hundredMegabytes();
    let seen = 0;
    for await (const chunk of limitStream(stream, most(200 * megabyte), () => undefined))
      seen += (chunk as Buffer).length;
    assert.equal(seen, 100 * megabyte);
    assert.ok(peak() < 16, `${peak()} MB`);
  });

  it('no function to collect garbage is left where other code sees it', () => {
    assert.equal(runInNewContext('typeof gc'), 'undefined');
    assert.equal(typeof globalThis.gc, 'undefined');
  });
});
