/** Every upgrade gets an answer: handshakes that a flow must refuse, accept or leave alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { frame, RawClient, sampleKey } from '../src/websocket/raw-client.js';
import { EchoFlow } from '../support/echo-flow.js';
import { RawClient as HttpClient, get } from '../support/raw-client.js';
import { LiveFlow } from '../support/live-flow.js';
import { selfSigned } from '../support/self-signed.js';

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

  it('a request that is no upgrade gets 426, and the next one on its connection is served', async () => {
    const client = await HttpClient.open(echo.flow.port);
    for (let count = 0; count < 3; count += 1) {
      const response = await client.send(get('/echo')).response();
      assert.deepEqual([response.status, response.get('connection')], [426, 'Upgrade']);
    }
    client.destroy();
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

it('wss and event streams over TLS come to the same nodes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'live-tls-'));
  const { cert, key } = selfSigned();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const flow = await LiveFlow.start(
    [
      { id: 'tls', type: 'tls-config', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: '' },
      { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
      {
        ...{ id: 'route', type: 'route', rules: [{ path: '/ws' }, { path: '/events' }], otherwise: '404', outputs: 2 },
        wires: [['ws'], ['sse']],
      },
      { id: 'ws', type: 'websocket-in', server: 'server', wires: [['out', 'all'], []] },
      { id: 'all', type: 'function', func: 'return { payload: msg.payload };', wires: [['sse']] },
      { id: 'out', type: 'websocket-out', server: 'server' },
      { id: 'sse', type: 'sse-out', server: 'server', wires: [[]] },
    ],
    { tls: 'tls' },
  );
  t.after(async () => {
    await flow.stop();
    rmSync(folder, { recursive: true });
  });
  const stream = await new Promise<IncomingMessage>((done, fail) => {
    const options = { port: flow.port, path: '/events', ca: cert, agent: false };
    https.get({ host: '127.0.0.1', ...options }, done).on('error', fail);
  });
  const socket = new WebSocket(`wss://127.0.0.1:${flow.port}/ws`, { ca: cert });
  socket.once('open', () => socket.send('in private'));
  const [echoed] = (await once(socket, 'message')) as [Buffer];
  assert.equal(echoed.toString(), 'in private');
  let text = '';
  stream.setEncoding('utf8').on('error', () => undefined);
  for await (const chunk of stream) if ((text += String(chunk)).includes('data: in private')) break;
  assert.match(text, /data: in private\n\n/);
  socket.terminate();
});
