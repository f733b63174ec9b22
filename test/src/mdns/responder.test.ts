import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Server, defaultSettings } from '../../../src/index.js';
import { Responder } from '../../../src/mdns/responder.js';
import { MdnsClient, types } from '../../support/mdns-client.js';
import { eventually, logInto } from '../../support/test-server.js';

const kind = '_http._tcp.local';
const stops: (() => Promise<unknown>)[] = [];
let client: MdnsClient;

beforeEach(async () => {
  // A port of its own: the resolvers of this machine and its neighbours hear nothing of the tests.
  client = await MdnsClient.open();
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await client.close();
});

function responder(name: string, port: number, hostname = 'test-host', notices: string[] = []): Responder {
  const made = new Responder({
    name,
    host: '127.0.0.1',
    port,
    hostname,
    dnsPort: client.port,
    onNotice: (notice) => notices.push(notice),
  });
  stops.push(() => made.stop());
  return made;
}

describe('a service on the network', () => {
  it('is found by its kind, and leads to host, port and address', async () => {
    await responder('My server', 8123).start();
    assert.equal((await client.resolve(kind, types.PTR)).data, `My server.${kind}`);
    const service = await client.resolve(`My server.${kind}`, types.SRV);
    assert.deepEqual([service.data, service.flush, service.ttl], ['8123 test-host.local', true, 120]);
    assert.equal((await client.resolve('test-host.local', types.A)).data, '127.0.0.1');
    assert.equal((await client.resolve(`My server.${kind}`, types.TXT)).data, 'path=/');
    assert.equal((await client.resolve('_services._dns-sd._udp.local', types.PTR)).data, kind);
  });

  it('probes for its name three times before it is announced, and is announced twice', async () => {
    await responder('Probing', 1).start();
    const probes = client.heard.filter(
      ({ isResponse, records }) => !isResponse && records.some(({ name }) => name === `Probing.${kind}`),
    );
    assert.equal(probes.length, 3);
    const announcements = (): number =>
      client.heard.filter(({ isResponse, records }) => isResponse && records.some(({ type }) => type === types.PTR))
        .length;
    await eventually('two announcements', () => announcements() === 2);
  });

  it('takes another name when its own is taken, and says so', async () => {
    const notices: string[] = [];
    await responder('Twin', 1).start();
    const second = responder('Twin', 2, 'test-host', notices);
    await second.start();
    assert.equal(second.name, 'Twin (2)');
    assert.deepEqual(notices, ['The name "Twin" is taken on this network: advertised as "Twin (2)".']);
    assert.match((await client.resolve(`Twin.${kind}`, types.SRV)).data, /^1 /);
    assert.match((await client.resolve(`Twin (2).${kind}`, types.SRV)).data, /^2 /);
  });

  it('gives its name up when another claims it later', async () => {
    const one = responder('Contested', 1);
    await one.start();
    const answer = setInterval(() => client.claim(`Contested.${kind}`, 99, 'other.local'), 50);
    try {
      await eventually('another name', () => one.name === 'Contested (2)', 15_000);
    } finally {
      clearInterval(answer);
    }
    assert.match((await client.resolve(`Contested (2).${kind}`, types.SRV)).data, /^1 /);
  });

  it('leaves a host name of this machine to who answers for it, and takes over when that leaves', async () => {
    const first = responder('First', 1);
    await first.start();
    const second = responder('Second', 2);
    await second.start();
    assert.equal(second.host, 'test-host.local');
    stops.splice(0, 1);
    await first.stop();
    const address = await client.resolve('test-host.local', types.A);
    assert.equal(address.data, '127.0.0.1');
  });

  it('says goodbye also while it takes a host name over', async () => {
    const first = responder('First', 1);
    await first.start();
    const second = responder('Second', 2);
    await second.start();
    stops.splice(0);
    await first.stop();
    await client.record('the host name leaves', ({ name, ttl }) => name === 'test-host.local' && ttl === 0);
    await second.stop();
    await client.record('a goodbye', ({ name, ttl }) => name === `Second.${kind}` && ttl === 0);
  });

  it('says goodbye', async () => {
    const one = responder('Leaving', 1);
    await one.start();
    client.heard.length = 0;
    stops.splice(0);
    await one.stop();
    const gone = await client.record('a goodbye', ({ type, ttl }) => type === types.PTR && ttl === 0);
    assert.equal(gone.data, `Leaving.${kind}`);
    const kinds = client.heard
      .flatMap(({ records }) => records)
      .filter(({ name, ttl }) => ttl === 0 && name.startsWith('_services'));
    assert.deepEqual(kinds, []);
  });

  it('answers a resolver that knows only ordinary DNS', async () => {
    await responder('Legacy', 1).start();
    const resolver = await MdnsClient.open(client.port, { multicast: false });
    try {
      resolver.query(`Legacy.${kind}`, types.SRV, 4711);
      const record = await resolver.record('an answer', ({ type }) => type === types.SRV);
      assert.deepEqual([record.data, record.ttl, record.flush], ['1 test-host.local', 10, false]);
      assert.equal(resolver.heard[0]?.id, 4711);
    } finally {
      await resolver.close();
    }
  });

  it('survives packets that are none', async () => {
    await responder('Robust', 1).start();
    const cut = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(40, 0xff)]);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(12, 'x'), cut]) client.send(bytes);
    assert.match((await client.resolve(`Robust.${kind}`, types.SRV)).data, /^1 /);
  });

  it('cuts a name to the 63 bytes a label has, never inside a character', async () => {
    const one = responder(`${'ü'.repeat(40)}.x`, 1);
    await one.start();
    assert.equal(one.name, 'ü'.repeat(31));
  });
});

describe('a server with a name for the network', () => {
  it('tells its real port, follows a change of it, and takes it back when it stops', async () => {
    const advertise = { name: 'Engine', hostname: 'engine-host', dnsPort: client.port };
    const log: string[] = [];
    const server = new Server({
      address: { host: '127.0.0.1', port: 0 },
      settings: { ...defaultSettings, advertise },
      logger: logInto(log),
    });
    stops.push(() => server.stop());
    await server.start();
    const srv = `Engine.${kind}`;
    assert.equal((await client.resolve(srv, types.SRV)).data, `${server.state.port} engine-host.local`);

    server.configure({ ...defaultSettings, advertise: { ...advertise, name: 'Renamed' } }, undefined);
    await client.record('a goodbye', ({ name, ttl }) => name === srv && ttl === 0);
    assert.equal((await client.resolve(`Renamed.${kind}`, types.SRV)).data, `${server.state.port} engine-host.local`);

    await server.stop();
    await client.record('a goodbye', ({ name, ttl }) => name === `Renamed.${kind}` && ttl === 0);
    await server.start();
    assert.equal((await client.resolve(`Renamed.${kind}`, types.SRV)).data, `${server.state.port} engine-host.local`);
    assert.deepEqual(log, []);
  });
});
