/** The rate-limit node in a real flow: by address through proxies, header, user, message; what a client is told. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LiveFlow } from '../support/live-flow.js';
import type { Flow } from '../support/node-red.js';

const limited = (path: string, rest: Record<string, unknown>, wires = [['out']]): Flow => [
  { id: `in${path}`, type: 'http-server-in', server: 'server', path, wires: [[`limit${path}`]] },
  { id: `limit${path}`, type: 'rate-limit', limit: 2, window: 600, ...rest, wires },
];

const nodes: Flow = [
  ...limited('/ip', { by: 'ip' }),
  ...limited('/header', { by: 'header', key: 'X-Api-Key' }),
  ...limited('/msg', { by: 'msg', key: 'req.query.id' }),
  ...limited('/deep', { by: 'msg', key: 'nothing.is.here' }),
  ...limited('/two', { by: 'ip', onReject: 'output', outputs: 2 }, [['out'], ['tell']]),
  ...limited('/window', { by: 'ip', limit: 1, window: '1.5' }),
  ...limited('/broken', { by: 'header', key: '' }),
  { id: 'in-user', type: 'http-server-in', server: 'server', path: '/user', access: 'staff', wires: [['limit-user']] },
  { id: 'limit-user', type: 'rate-limit', limit: 2, window: 600, by: 'user', wires: [['out']] },
  {
    id: 'staff',
    type: 'http-server-credentials',
    list: [
      { slot: 1, scheme: 'bearer', name: 'ann' },
      { slot: 2, scheme: 'bearer', name: 'bob' },
    ],
  },
  { id: 'core', type: 'http in', url: '/core', method: 'get', wires: [['limit/ip']] },
  {
    id: 'tell',
    type: 'function',
    func: 'msg.statusCode = 503; msg.payload = msg.rateLimit; return msg;',
    wires: [['out']],
  },
  { id: 'out', type: 'http-server-response' },
];

describe('rate-limit', () => {
  let flow: LiveFlow;
  before(async () => {
    flow = await LiveFlow.start(
      nodes,
      { trustProxy: 'loopback' },
      { credentials: { staff: { secret1: 'a', secret2: 'b' } } },
    );
  });
  after(() => flow.stop());

  const statuses = async (path: string, headers: Record<string, string>, count: number): Promise<number[]> => {
    const found: number[] = [];
    while (found.length < count) found.push((await flow.get(path, { headers })).status);
    return found;
  };
  const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address });

  it('counts each address as trusted proxies tell it, an IPv6 network as one', async () => {
    assert.deepEqual(await statuses('/ip', from('203.0.113.1'), 3), [200, 200, 429]);
    assert.deepEqual(await statuses('/ip', from('203.0.113.2'), 1), [200]);
    assert.deepEqual(await statuses('/ip', from('9.9.9.9, 203.0.113.1'), 1), [429]);
    assert.deepEqual(await statuses('/ip', from('2001:db8::1'), 2), [200, 200]);
    assert.deepEqual(await statuses('/ip', from('2001:db8::2'), 1), [429]);
    assert.deepEqual(await statuses('/ip', from('2001:db8:0:1::1'), 1), [200]);
  });

  it('tells every client where it stands, and one who has to wait for how long', async () => {
    const first = await flow.get('/ip', { headers: from('203.0.113.9') });
    assert.deepEqual(
      ['limit', 'remaining', 'reset'].map((name) => first.headers.get(`ratelimit-${name}`)),
      ['2', '1', '600'],
    );
    assert.equal(first.headers.get('retry-after'), null);
    await flow.get('/ip', { headers: from('203.0.113.9') });
    const refused = await flow.get('/ip', { headers: from('203.0.113.9') });
    assert.equal(refused.status, 429);
    assert.equal(await refused.text(), 'Too Many Requests');
    assert.equal(refused.headers.get('ratelimit-remaining'), '0');
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait > 500 && wait <= 600, String(wait));
  });

  it('counts each value of a header, and all requests without it together', async () => {
    assert.deepEqual(await statuses('/header', { 'X-API-KEY': 'one' }, 3), [200, 200, 429]);
    assert.deepEqual(await statuses('/header', { 'x-api-key': 'two' }, 1), [200]);
    assert.deepEqual(await statuses('/header', {}, 3), [200, 200, 429]);
    const long = 'k'.repeat(5000);
    assert.deepEqual(await statuses('/header', { 'x-api-key': `${long}a` }, 3), [200, 200, 429]);
    assert.deepEqual(await statuses('/header', { 'x-api-key': `${long}b` }, 1), [200]);
  });

  it('counts each user, wherever they come from', async () => {
    assert.deepEqual(await statuses('/user', { Authorization: 'Bearer a', ...from('203.0.113.1') }, 2), [200, 200]);
    assert.deepEqual(await statuses('/user', { Authorization: 'Bearer a', ...from('203.0.113.2') }, 1), [429]);
    assert.deepEqual(await statuses('/user', { Authorization: 'Bearer b' }, 1), [200]);
  });

  it('counts each value of a message property, and a path that ends early as none', async () => {
    assert.deepEqual(await statuses('/msg?id=1', {}, 3), [200, 200, 429]);
    assert.deepEqual(await statuses('/msg?id=2', {}, 1), [200]);
    assert.deepEqual(await statuses('/msg?id=1&id=2', {}, 3), [200, 200, 429]);
    assert.deepEqual(await statuses('/deep', {}, 3), [200, 200, 429]);
  });

  it('lets all pass again when the window is over', async () => {
    assert.deepEqual(await statuses('/window', from('203.0.113.1'), 1), [200]);
    const began = Date.now();
    for (;;) {
      const answer = await flow.get('/window', { headers: from('203.0.113.1') });
      if (answer.status === 200) break;
      assert.ok(Date.now() - began < 20_000);
    }
    assert.ok(Date.now() - began > 1000);
  });

  it('with two outputs the flow answers who comes too often', async () => {
    await statuses('/two', {}, 2);
    const answer = await flow.get('/two');
    assert.equal(answer.status, 503);
    const { limit, remaining, allowed } = (await answer.json()) as Record<string, unknown>;
    assert.deepEqual([limit, remaining, allowed], [2, 0, false]);
  });

  it('serves requests of the core http in alike', async () => {
    const found: number[] = [];
    while (found.length < 3) found.push((await flow.nodeRed.admin('/core')).status);
    assert.deepEqual(found, [200, 200, 429]);
  });

  it('without the header to count by is refused at deploy and answers 503', async () => {
    assert.equal((await flow.get('/broken')).status, 503);
    assert.match(flow.nodeRed.log, /key: must name the header or message property to count by/);
  });
});
