import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { describe, it } from 'node:test';
import Aedes from 'aedes';
import { example } from '../support/example.js';
import { EventClient, SocketClient } from '../support/live-client.js';
import { NodeRedProcess } from '../support/node-red.js';
import { waitFor } from '../support/wait-for.js';

async function withExample(name: string, use: (place: string) => Promise<void>): Promise<void> {
  const { flow, port } = await example(name);
  const nodeRed = await NodeRedProcess.start({ flows: flow });
  try {
    await use(`127.0.0.1:${port}`);
  } finally {
    await nodeRed.stop();
  }
}

describe('the live examples', () => {
  it('SSE dashboard: a page, an event a second, and the past for a newcomer', () =>
    withExample('10 SSE dashboard', async (place) => {
      const page = await (await fetch(`http://${place}/`)).text();
      assert.match(page, /new EventSource\("\/events\?lastEventId=none"\)/);
      const first = await EventClient.open(`http://${place}/events?lastEventId=none`);
      await waitFor('two values', () => first.data.length >= 2);
      const values = first.data.map((text) => JSON.parse(text) as { load: number });
      assert.ok(values.every(({ load }) => load >= 0 && load <= 100));
      assert.match(first.text, /event: load\n/);
      const second = await EventClient.open(`http://${place}/events?lastEventId=none`);
      await waitFor('what was kept', () => second.data.length >= 2);
      assert.equal(second.data[0], first.data[0]);
      first.close();
      second.close();
    }));

  it('WebSocket chat: everyone sees who says what, who comes and who leaves', () =>
    withExample('11 WebSocket chat', async (place) => {
      assert.match(await (await fetch(`http://${place}/`)).text(), /new WebSocket/);
      const ann = await SocketClient.open(`ws://${place}/chat?name=Ann`);
      const bob = await SocketClient.open(`ws://${place}/chat?name=Bob`);
      await waitFor('Bob', () => ann.messages.length >= 2);
      bob.ws.send('hello');
      await waitFor('his word', () => ann.messages.length >= 3 && bob.messages.length >= 2);
      bob.ws.close();
      await waitFor('his leave', () => ann.messages.length >= 4);
      assert.deepEqual(
        ann.messages.map((text) => JSON.parse(text) as unknown),
        [
          { text: 'Ann came; 1 here' },
          { text: 'Bob came; 2 here' },
          { from: 'Bob', text: 'hello' },
          { text: 'Bob left; 1 here' },
        ],
      );
      ann.ws.terminate();
    }));

  it('Camera stream: the same pictures for every viewer, one that reads nothing included', () =>
    withExample('12 Camera stream', async (place) => {
      assert.match(await (await fetch(`http://${place}/`)).text(), /<img src="\/camera"/);
      const viewers = await Promise.all(
        [1, 2, 3].map(async () => {
          const request = http.get(`http://${place}/camera`, { agent: false });
          const [response] = (await once(request, 'response')) as [http.IncomingMessage];
          const viewer = { text: '', response };
          response.setEncoding('latin1').on('error', () => undefined);
          return viewer;
        }),
      );
      const [one, two] = viewers as [(typeof viewers)[0], (typeof viewers)[0]];
      for (const viewer of [one, two]) viewer.response.on('data', (text: string) => (viewer.text += text));
      assert.equal(one.response.headers['content-type'], 'multipart/x-mixed-replace; boundary=frame');
      const pictures = (text: string): string[] => text.split('--frame\r\n').slice(1, -1);
      await waitFor('pictures', () => pictures(one.text).length >= 4 && pictures(two.text).length >= 4);
      for (const picture of pictures(one.text).slice(0, 4)) {
        const [head = '', bytes = ''] = picture.split('\r\n\r\n', 2);
        assert.match(head, /^Content-Type: image\/jpeg\r\nContent-Length: \d+$/);
        assert.ok(bytes.startsWith('\xff\xd8\xff'), 'a JPEG');
      }
      assert.ok(pictures(one.text).some((picture) => pictures(two.text).includes(picture)));
      for (const { response } of viewers) response.destroy();
    }));

  it('Scale out by MQTT: what reaches one Node-RED reaches the clients of both', async () => {
    const aedes = new Aedes();
    const broker = net.createServer((socket) => aedes.handle(socket)).listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const { port } = broker.address() as net.AddressInfo;
    const mqtt = { 'mqtt-broker': { broker: '127.0.0.1', port: String(port) } };
    const flows = [await example('13 Scale out by MQTT', mqtt), await example('13 Scale out by MQTT', mqtt)];
    const processes = await Promise.all(flows.map(({ flow }) => NodeRedProcess.start({ flows: flow })));
    try {
      const places = flows.map((one) => `127.0.0.1:${one.port}`);
      for (const nodeRed of processes) await nodeRed.waitForLog(/Connected to broker/);
      const streams = await Promise.all(places.map((place) => EventClient.open(`http://${place}/events`)));
      const sockets = await Promise.all(places.map((place) => SocketClient.open(`ws://${place}/socket`)));
      const publish = (place: string | undefined, body: string): Promise<Response> =>
        fetch(`http://${place}/publish`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body });
      assert.equal((await publish(places[0], 'from the first')).status, 202);
      assert.equal((await publish(places[1], 'from the second')).status, 202);
      sockets[0]?.ws.send('from a client');
      const all = ['from the first', 'from the second', 'from a client'].sort();
      for (const stream of streams) {
        await waitFor('three events', () => stream.data.length >= 3);
        assert.deepEqual(stream.data.sort(), all);
        stream.close();
      }
      for (const socket of sockets) {
        await waitFor('three messages', () => socket.messages.length >= 3);
        assert.deepEqual(socket.messages.sort(), all);
        socket.ws.terminate();
      }
    } finally {
      for (const nodeRed of processes) await nodeRed.stop();
      aedes.close();
      broker.close();
    }
  });
});
