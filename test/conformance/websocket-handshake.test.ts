/** Every upgrade gets an answer: handshakes that a flow must refuse, accept or leave alone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { frame, RawClient, sampleKey } from '../src/websocket/raw-client.js';
import { EchoFlow } from '../support/echo-flow.js';

let echo: EchoFlow;
before(async () => {
  echo = await EchoFlow.start({ echo: { subprotocols: ['chat'] } }, {});
});
after(() => echo.stop());

const good: Record<string, string> = {
  Host: 'here',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': sampleKey,
  'Sec-WebSocket-Version': '13',
};

/** A handshake that differs from a good one; undefined leaves a header out. */
function shake(changes: Record<string, string | undefined>, start = 'GET /echo HTTP/1.1'): Promise<RawClient> {
  const headers = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined);
  return RawClient.request(echo.flow.port, [start, ...headers.map(([name, value]) => `${name}: ${String(value)}`)]);
}

/** Expects an HTTP answer and the end of the connection. */
async function refused(client: RawClient, status: number): Promise<void> {
  assert.equal(client.status, status);
  client.socket.end();
  await client.until(() => client.ended);
}

describe('T65 the handshake', () => {
  for (const version of ['12', '8', '0', '14', 'x', undefined]) {
    it(`version ${String(version)} gets 426, and the version that is spoken here`, async () => {
      const client = await shake({ 'Sec-WebSocket-Version': version });
      assert.equal(client.header('Sec-WebSocket-Version'), '13');
      assert.match(client.header('Upgrade') ?? '', /websocket/i);
      await refused(client, 426);
    });
  }

  for (const key of ['', 'short', `${sampleKey}=`, 'dGhlIHNhbXBsZSBub25jZTA9PQ==', undefined]) {
    it(`the key ${String(key)} gets 400`, async () => refused(await shake({ 'Sec-WebSocket-Key': key }), 400));
  }

  it('a POST gets 405', async () => {
    await refused(await shake({ 'Content-Length': '0' }, 'POST /echo HTTP/1.1'), 405);
  });

  it('HTTP/1.0 gets 400', async () => {
    await refused(await shake({}, 'GET /echo HTTP/1.0'), 400);
  });

  it('an unknown path gets 404', async () => refused(await shake({}, 'GET /nowhere HTTP/1.1'), 404));

  it('any other protocol is ignored: the request is served as if it had asked for none', async () => {
    for (const upgrade of ['h2c', 'TLS/1.0', 'websocket2']) await refused(await shake({ Upgrade: upgrade }), 426);
  });

  it('an offer of subprotocols that is no list gets 400; an unknown one is not agreed on', async () => {
    await refused(await shake({ 'Sec-WebSocket-Protocol': 'a b' }), 400);
    const client = await shake({ 'Sec-WebSocket-Protocol': 'other' });
    assert.deepEqual([client.status, client.header('Sec-WebSocket-Protocol')], [101, undefined]);
    client.socket.destroy();
  });

  it('upper and lower case and other tokens beside it do not matter', async () => {
    const client = await shake({ Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' });
    assert.equal(client.status, 101);
    assert.equal(client.header('Sec-WebSocket-Accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    client.send(frame(1, 'hello'));
    assert.equal(await client.text(), 'hello');
    client.socket.destroy();
  });

  it('frames that came in one packet with the handshake are answered', async () => {
    const lines = Object.entries(good).map(([name, value]) => `${name}: ${value}`);
    const client = await RawClient.request(echo.flow.port, ['GET /echo HTTP/1.1', ...lines], frame(1, 'early'));
    assert.equal(await client.text(), 'early');
    client.socket.destroy();
  });
});
