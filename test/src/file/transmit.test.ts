import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileCache } from '../../../src/file/file-cache.js';
import { sendFile } from '../../../src/file/send-file.js';

describe('Large files that share their buffers', () => {
  const root = mkdtempSync(join(tmpdir(), 'transmit-'));
  const names = ['a', 'b', 'c'];
  const size = 3_000_000;
  const cache = new FileCache();
  let taken = 0;
  const take = cache.spare.take.bind(cache.spare);
  const fresh = new Set<Buffer>();
  cache.spare.take = (bytes) => {
    const buffer = take(bytes);
    taken += 1;
    fresh.add(buffer);
    return buffer;
  };
  const server = http.createServer((request, response) => {
    sendFile(request, response, { root, filename: request.url ?? '', cache }).catch(() => response.destroy());
  });

  before(async () => {
    for (const name of names) writeFileSync(join(root, name), Buffer.alloc(size, name));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(root, { recursive: true });
  });

  /** Reads a file, or leaves when so many bytes have come. @returns false when a byte was another file's */
  const read = (name: string, leaveAt = Infinity): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const request = http.get({ port, host: '127.0.0.1', path: `/${name}`, agent: false }, (response) => {
        let length = 0;
        let isPure = true;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          isPure &&= chunk.equals(Buffer.alloc(chunk.length, name));
          if (length < leaveAt) return;
          request.destroy();
          resolve(isPure);
        });
        response.on('end', () => resolve(isPure && length === size));
        response.on('error', () => undefined);
      });
      request.on('error', (error) => {
        if (leaveAt === Infinity) reject(error);
      });
    });

  it('never get the bytes of another one, whoever leaves in the middle', async () => {
    for (let round = 0; round < 6; round += 1) {
      const reads = names.flatMap((name) => [read(name), read(name), read(name, 100_000 * (round + 1))]);
      assert.ok((await Promise.all(reads)).every(Boolean));
    }
    assert.ok(fresh.size < taken / 2, `${fresh.size} buffers were made for ${taken} uses`);
  });
});
