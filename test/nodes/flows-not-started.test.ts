import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';
import { RawClient, get } from '../support/raw-client.js';
import { refuses } from '../support/refuses.js';
import { waitFor } from '../support/wait-for.js';

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['out']] },
  { id: 'out', type: 'http-server-response', server: 'server' },
];

describe('Flows that do not start', () => {
  it('T76 after 20 seconds the port is closed and what waited gets 503; the port is back when they start', async (t) => {
    const flow = await LiveFlow.start(nodes);
    t.after(() => flow.stop());
    const client = await RawClient.open(flow.port);
    assert.equal((await client.send(get('/')).response()).status, 200);
    await flow.nodeRed.deploy(LiveFlow.flows([...nodes, { id: 'odd', type: 'no-such-type' }], flow.port));
    const began = performance.now();
    client.send(get('/'));
    const waiting = fetch(flow.url('/'));
    assert.ok(!(await refuses(flow.port)), 'what comes waits');
    await waitFor('the port to be closed', () => refuses(flow.port), 25_000);
    assert.ok(performance.now() - began > 18_000);
    for (const answer of [await client.response(), await waiting]) assert.equal(answer.status, 503);
    assert.equal((await waiting).headers.get('retry-after'), '1');
    await flow.nodeRed.deploy(LiveFlow.flows(nodes, flow.port));
    await waitFor('the port', async () => !(await refuses(flow.port)));
    assert.equal((await flow.get('/')).status, 200);
  });
});
