import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import WebSocket from 'ws';
import { acceptWebSocket } from '../../../src/index.js';
import { startServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';

it('an accepted WebSocket does not keep the request it was: neither it nor its response stays in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept: WeakRef<object>[] = [];
  const started: TestServer = await startServer(({ request, response }) => {
    kept.push(new WeakRef(request), new WeakRef(response));
    acceptWebSocket(request, started.server.socketChannels.openAlone('node', 'room', {}), 'node');
  });
  try {
    const client = new WebSocket(`ws://127.0.0.1:${started.port}/`);
    await once(client, 'open');
    assert.equal(kept.length, 2);
    await waitFor('that the request is forgotten', () => {
      collect();
      return kept.every((one) => one.deref() === undefined);
    });
    assert.equal(started.server.socketChannels.count, 1);
    client.terminate();
  } finally {
    await started.stop();
  }
});
