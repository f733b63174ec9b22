/** The recipes of docs/cookbook.md that need another program, run as they are written. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Aedes from 'aedes';
import { example } from '../support/example.js';
import { SocketClient } from '../support/live-client.js';
import { LiveFlow } from '../support/live-flow.js';
import { type Flow, NodeRedProcess } from '../support/node-red.js';
import { Proxy, isInstalled, recipe, whole } from '../support/proxy.js';
import { waitFor } from '../support/wait-for.js';

const func = (id: string, code: string, ...wires: string[][]): Flow[number] => ({
  id,
  type: 'function',
  func: code,
  outputs: wires.length,
  wires,
});

const rules = ['GET /me', 'GET /events', 'GET /say', 'WEBSOCKET /socket', 'POST /size', 'GET /parts'].map((rule) => {
  const [method, path] = rule.split(' ');
  return { methods: [method], path };
});

const nodes: Flow = [
  { id: 'in', type: 'http-server-in', server: 'server', wires: [['route']] },
  {
    id: 'route',
    type: 'route',
    rules,
    otherwise: '404',
    outputs: rules.length,
    wires: [['me'], ['events'], ['say'], ['socket'], ['size'], ['parts']],
  },
  func(
    'me',
    `const { ip, protocol, secure, hostname } = msg.req;
    msg.payload = { ip, protocol, secure, hostname, prefix: msg.req.get('x-forwarded-prefix') };
    return msg;`,
    ['answer'],
  ),
  func('say', `msg.payload = 'said'; return [{ payload: 'said' }, msg];`, ['events'], ['answer']),
  func('size', `msg.payload = { size: msg.payload.length }; return msg;`, ['answer']),
  func(
    'parts',
    `node.send({ ...msg, payload: 'one' });
    setTimeout(() => node.send({ ...msg, payload: 'two', complete: true }), 2000);`,
    ['chunks'],
  ),
  { id: 'events', type: 'sse-out', server: 'server', channel: 'events' },
  { id: 'socket', type: 'websocket-in', server: 'server', channel: 'echo', wires: [['echo'], []] },
  { id: 'echo', type: 'websocket-out', server: 'server', channel: 'echo' },
  { id: 'answer', type: 'http-server-response', mode: 'json' },
  { id: 'chunks', type: 'http-server-response', mode: 'chunked' },
];

/** What nobody outside may make the flow believe. */
const forged = {
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Host': 'evil.example',
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Prefix': '/evil',
  Forwarded: 'for=6.6.6.6;host=evil.example;proto=http',
};

for (const [program, start] of [
  ['nginx', Proxy.nginx],
  ['caddy', Proxy.caddy],
] as const) {
  describe(`a server behind ${program}`, { skip: !isInstalled(program) && `${program} is not installed` }, () => {
    let flow: LiveFlow;
    let proxy: Proxy;

    before(async () => {
      flow = await LiveFlow.start(nodes, { trustProxy: '127.0.0.1' });
      proxy = await start(flow.url(''));
    });
    after(async () => {
      await proxy.stop();
      await flow.stop();
    });

    it('sees who asks and by which name, whatever the client says of itself', async () => {
      const seen = { ip: '127.0.0.2', protocol: 'https', secure: true, hostname: 'home.example' };
      assert.deepEqual(JSON.parse(await whole(await proxy.ask('/me'))), seen);
      assert.deepEqual(JSON.parse(await whole(await proxy.ask('/me', { headers: forged }))), seen);
    });

    it('sends events and the parts of an answer as they come', async () => {
      const events = await proxy.ask('/events');
      await whole(await proxy.ask('/say'));
      await waitFor('the event', () => events.text.includes('data: said'), 1500);
      events.destroy();
      const parts = await proxy.ask('/parts');
      await waitFor('the first part', () => parts.text === 'one', 1500);
      assert.equal(await whole(parts), 'onetwo');
    });

    it('takes WebSockets of its own pages, and of no others', async () => {
      const url = `wss://127.0.0.1:${proxy.port}/socket`;
      const client = await SocketClient.open(url, proxy.webSocket('https://home.example'));
      assert.equal(await client.ask('hello'), 'hello');
      client.ws.terminate();
      await assert.rejects(SocketClient.open(url, proxy.webSocket('https://evil.example')), { message: '403' });
    });

    it('takes bodies as large as the server does', async () => {
      const headers = { 'Content-Type': 'application/octet-stream' };
      const size = 4 * 1024 * 1024;
      const answer = await proxy.ask('/size', { method: 'POST', headers, body: Buffer.alloc(size) });
      assert.deepEqual(JSON.parse(await whole(answer)), { size });
    });
  });
}

describe('a certificate of Let’s Encrypt', () => {
  it('is proved by a file that certbot puts into the root folder of a server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'acme-'));
    const place = join(folder, '.well-known', 'acme-challenge');
    const flow = await LiveFlow.start([], { rootPath: folder });
    try {
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'token'), 'token.thumbprint');
      chmodSync(join(place, 'token'), 0o644);
      mkdirSync(join(folder, '.git'));
      writeFileSync(join(folder, '.git', 'config'), 'secret');
      const answer = await flow.get('/.well-known/acme-challenge/token');
      assert.deepEqual([answer.status, await answer.text()], [200, 'token.thumbprint']);
      assert.equal((await flow.get('/.git/config')).status, 404);
    } finally {
      await flow.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('several instances behind nginx', { skip: !isInstalled('nginx') && 'nginx is not installed' }, () => {
  it('share their channels by MQTT, whichever of them a client is passed to', async () => {
    const aedes = new Aedes();
    const broker = net.createServer((socket) => aedes.handle(socket)).listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const { port } = broker.address() as net.AddressInfo;
    const changes = {
      'mqtt-broker': { broker: '127.0.0.1', port: String(port) },
      'http-server-config': { trustProxy: 'loopback', accessLog: true },
    };
    const flows = [await example('13 Scale out by MQTT', changes), await example('13 Scale out by MQTT', changes)];
    const processes = await Promise.all(flows.map((one) => NodeRedProcess.start({ flows: one.flow })));
    const [first, second] = flows.map((one) => `127.0.0.1:${one.port}`) as [string, string];
    const upstream = recipe('Several Node-RED instances', { '127.0.0.1:8080': first, '127.0.0.1:8081': second });
    const proxy = await Proxy.nginx('http://flows', upstream);
    try {
      for (const nodeRed of processes) await nodeRed.waitForLog(/Connected to broker/);
      const streams = [await proxy.ask('/events'), await proxy.ask('/events')];
      const url = `wss://127.0.0.1:${proxy.port}/socket`;
      const client = await SocketClient.open(url, proxy.webSocket('https://home.example'));
      for (const text of ['one', 'two']) {
        const headers = { 'Content-Type': 'text/plain' };
        await whole(await proxy.ask('/publish', { method: 'POST', headers, body: Buffer.from(text) }));
      }
      for (const stream of streams) {
        await waitFor('both events', () => /data: one/.test(stream.text) && /data: two/.test(stream.text));
        stream.destroy();
      }
      await waitFor('both messages', () => client.messages.length === 2);
      client.ws.terminate();
      for (const nodeRed of processes) await nodeRed.waitForLog(/127\.0\.0\.2 -- "POST \/publish"/);
    } finally {
      await proxy.stop();
      for (const nodeRed of processes) await nodeRed.stop();
      aedes.close();
      broker.close();
    }
  });
});
