import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RawClient, get } from '../../support/raw-client.js';
import { type TestServer, eventually, startServer } from '../../support/test-server.js';

const root = mkdtempSync(join(tmpdir(), 'slow-reader-'));
writeFileSync(join(root, 'large.bin'), Buffer.alloc(24 * 1024 * 1024, 1));
after(() => rmSync(root, { recursive: true }));

/** A client that asks and then reads nothing. */
async function silentReader(server: TestServer, path: string): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  client.send(get(path));
  await client.until((pending) => pending.length > 0);
  client.socket.pause();
  return client;
}

describe('T13 a client that reads nothing', () => {
  it('is closed after sendTimeout, whoever sends: a file, one large answer, a stream', async (t) => {
    const server = await startServer(
      [
        { path: '/whole', handle: ({ response }) => response.send(Buffer.alloc(24 * 1024 * 1024)) },
        {
          path: '/stream',
          handle: ({ response }) => {
            const more = (): void => {
              while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
            };
            response.on('drain', more);
            more();
          },
        },
      ],
      { rootPath: root, limits: { sendTimeout: 1 } },
    );
    t.after(() => server.stop());
    const clients = await Promise.all(['/large.bin', '/whole', '/stream'].map((path) => silentReader(server, path)));
    await eventually('the end of all', () => server.server.counts.connections === 0, 15_000);
    assert.equal(server.server.counts.requests, 0);
    for (const client of clients) client.destroy();
  });

  it('that reads a little now and then is served to the end', async (t) => {
    const server = await startServer([], { rootPath: root, limits: { sendTimeout: 2 } });
    t.after(() => server.stop());
    const client = await silentReader(server, '/large.bin');
    let received = client.received.length;
    client.socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    for (let pause = 0; pause < 4; pause += 1) {
      client.socket.resume();
      await new Promise((done) => setTimeout(done, 60));
      client.socket.pause();
      await new Promise((done) => setTimeout(done, 700));
    }
    client.socket.resume();
    await eventually('all of it', () => received >= 24 * 1024 * 1024, 60_000);
    client.destroy();
  });

  it('is not closed where sendTimeout is off', async (t) => {
    const server = await startServer([], { rootPath: root, limits: { sendTimeout: 0 } });
    t.after(() => server.stop());
    const client = await silentReader(server, '/large.bin');
    await new Promise((done) => setTimeout(done, 1500));
    assert.equal(server.server.counts.connections, 1);
    client.destroy();
    await eventually('its end', () => server.server.counts.connections === 0);
  });
});
