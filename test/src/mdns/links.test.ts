import assert from 'node:assert/strict';
import { type TestContext, describe, it } from 'node:test';
import { Responder } from '../../../src/mdns/responder.js';
import { Ether, type Machine } from '../../support/ether.js';
import { MdnsClient, type MdnsRecord, types } from '../../support/mdns-client.js';
import { eventually } from '../../support/test-server.js';

const kind = '_http._tcp.local';
const dnsPort = 5353;
const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Cables of a test's own, with machines of ours on them and neighbours. */
function stage(test: TestContext) {
  const ether = new Ether();
  const machine = ether.machine.bind(ether);
  return {
    machine,
    both: (): Machine =>
      machine({
        eth0: ['house', '192.0.2.10/24', '2001:db8:1::10/64', 'fe80::10/64'],
        wlan0: ['shed', '198.51.100.10/24', 'fe80::20/64'],
      }),
    /** A machine tells of a server. */
    told(
      platform: Machine,
      { name = 'Server', host = '::', hostname = 'pi', port = 8080, recheck = 20, notices = [] as string[] } = {},
    ): Responder {
      const onNotice = (notice: string): void => void notices.push(notice);
      const made = new Responder({ name, host, port, hostname, dnsPort, recheck, platform, onNotice });
      test.after(() => made.stop());
      return made;
    },
    /** A resolver on a cable, that speaks one family. */
    async neighbour(cable: string, cidr: string): Promise<MdnsClient> {
      const isV4 = !cidr.includes(':');
      const socket = machine({ eth7: [cable, cidr] }).createSocket({ type: isV4 ? 'udp4' : 'udp6' });
      const way = isV4 ? cidr.split('/')[0]! : '::%eth7';
      const client = await MdnsClient.over(socket, isV4 ? 'IPv4' : 'IPv6', way, dnsPort);
      test.after(() => client.close());
      return client;
    },
  };
}

const addresses = (client: MdnsClient, host = 'pi.local'): string[] => {
  const last = new Map(records(client).map((record) => [`${record.type} ${record.data}`, record]));
  return [...last.values()]
    .filter(({ name, type, ttl }) => name === host && ttl > 0 && (type === types.A || type === types.AAAA))
    .map(({ data }) => data)
    .sort();
};
const records = (client: MdnsClient): MdnsRecord[] =>
  client.heard.filter(({ isResponse }) => isResponse).flatMap((message) => [...message.records]);

describe('a machine on several networks', { concurrency: true }, () => {
  it('tells each of them its own addresses, by IPv4 and by IPv6', async (t) => {
    const { both, neighbour, told } = stage(t);
    const clients = {
      house4: await neighbour('house', '192.0.2.99/24'),
      house6: await neighbour('house', 'fe80::99/64'),
      shed4: await neighbour('shed', '198.51.100.99/24'),
      shed6: await neighbour('shed', 'fe80::99/64'),
    };
    await told(both()).start();
    await wait(20);
    for (const client of [clients.house4, clients.house6])
      assert.deepEqual(addresses(client), ['192.0.2.10', '2001:db8:1::10']);
    for (const client of [clients.shed4, clients.shed6])
      assert.deepEqual(addresses(client), ['198.51.100.10', 'fe80::20']);
    for (const client of Object.values(clients)) {
      assert.equal((await client.resolve(kind, types.PTR)).data, `Server.${kind}`);
      assert.equal((await client.resolve(`Server.${kind}`, types.SRV)).data, '8080 pi.local');
    }
  });

  it('tells no address of a family the server does not listen on, and says that there is none', async (t) => {
    const { both, neighbour, told } = stage(t);
    const client = await neighbour('house', 'fe80::99/64');
    await told(both(), { host: '0.0.0.0' }).start();
    await wait(20);
    assert.deepEqual(addresses(client), ['192.0.2.10']);
    client.heard.length = 0;
    client.query('pi.local', types.AAAA);
    const denial = await client.record('a denial', ({ type, name }) => type === types.NSEC && name === 'pi.local');
    assert.equal(denial.data, String(types.A));
  });

  it('answers where it was asked, and nobody from far away', async (t) => {
    const { both, neighbour, told } = stage(t);
    const [house, shed, stranger] = [
      await neighbour('house', '192.0.2.99/24'),
      await neighbour('shed', '198.51.100.99/24'),
      await neighbour('house', '203.0.113.99/24'),
    ];
    await told(both()).start();
    await wait(1200);
    for (const client of [house, shed, stranger]) client.heard.length = 0;
    stranger.query(`Server.${kind}`, types.SRV);
    await wait(200);
    assert.deepEqual(records(house), []);
    house.query(`Server.${kind}`, types.SRV);
    await house.record('an answer', ({ type }) => type === types.SRV);
    await wait(200);
    assert.deepEqual(records(shed), []);
  });

  it('says goodbye to all of them', async (t) => {
    const { both, neighbour, told } = stage(t);
    const clients = [await neighbour('house', 'fe80::99/64'), await neighbour('shed', '198.51.100.99/24')];
    const one = told(both());
    await one.start();
    await one.stop();
    for (const client of clients)
      await client.record(
        'a goodbye',
        ({ type, ttl, data }) => type === types.PTR && ttl === 0 && data.startsWith('S'),
      );
  });

  it('takes another name on all of them when its own is taken on one', async (t) => {
    const { both, machine, neighbour, told } = stage(t);
    const [house, shed] = [await neighbour('house', '192.0.2.99/24'), await neighbour('shed', 'fe80::99/64')];
    const notices: string[] = [];
    const other = machine({ eth0: ['shed', '198.51.100.7/24', 'fe80::7/64'] });
    await told(other, { hostname: 'other' }).start();
    const one = told(both(), { notices });
    await one.start();
    assert.equal(one.name, 'Server (2)');
    assert.deepEqual(notices, ['The name "Server" is taken on this network: advertised as "Server (2)".']);
    for (const client of [house, shed])
      assert.equal((await client.resolve(`Server (2).${kind}`, types.SRV)).data, '8080 pi.local');
    assert.equal((await shed.resolve(`Server.${kind}`, types.SRV)).data, '8080 other.local');
  });

  it('takes another host name on all of them when its own is taken on one, then or later', async (t) => {
    const { both, machine, neighbour, told } = stage(t);
    const [house, shed] = [await neighbour('house', '192.0.2.99/24'), await neighbour('shed', '198.51.100.99/24')];
    const other = machine({ eth0: ['shed', '198.51.100.7/24'] });
    await told(other, { name: 'Other' }).start();
    const one = told(both(), { host: '0.0.0.0' });
    await one.start();
    assert.equal(one.host, 'pi-2.local');
    assert.equal((await house.resolve('pi-2.local', types.A)).data, '192.0.2.10');
    assert.equal((await shed.resolve('pi.local', types.A)).data, '198.51.100.7');

    const claim = setInterval(() => house.claimHost('pi-2.local', '192.0.2.99'), 50);
    await eventually('another host name', () => one.host === 'pi-3.local', 15_000).finally(() => clearInterval(claim));
    const goodbye = ({ name, ttl }: MdnsRecord): boolean => name === 'pi-2.local' && ttl === 0;
    await shed.record('a goodbye', goodbye);
    assert.ok(!records(house).some(goodbye), 'what another has is not taken back');
    assert.equal((await shed.resolve('pi-3.local', types.A)).data, '198.51.100.10');
  });

  it('of whom two probe for one name at once share the names out', async (t) => {
    const { machine, told } = stage(t);
    const machines = [10, 11, 12].map((at) => machine({ eth0: ['house', `192.0.2.${at}/24`] }));
    const all = machines.map((machine, at) => told(machine, { host: '0.0.0.0', port: 8000 + at }));
    await Promise.all(all.map((one) => one.start()));
    await eventually(
      'different names',
      () => new Set(all.flatMap(({ host, name }) => [host, name])).size === 6,
      15_000,
    );
  });

  it('answers once for both of its interfaces on one network, and is no rival to itself', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const notices: string[] = [];
    const machine = make({
      eth0: ['house', '192.0.2.10/24', 'fe80::1/64'],
      wlan0: ['house', '192.0.2.11/24', 'fe80::2/64'],
    });
    const client = await neighbour('house', '192.0.2.99/24');
    const one = told(machine, { notices });
    await one.start();
    assert.deepEqual([one.name, one.host, notices], ['Server', 'pi.local', []]);
    await wait(20);
    assert.deepEqual(addresses(client), ['192.0.2.10', '192.0.2.11', 'fe80::1', 'fe80::2']);
  });
});

describe('an interface', { concurrency: true }, () => {
  it('that comes up in the meantime is told of the server, with its names claimed there', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const machine = make({});
    const client = await neighbour('shed', '198.51.100.99/24');
    await told(machine).start();
    machine.plug('wlan0', 'shed', '198.51.100.10/24');
    assert.equal((await client.resolve('pi.local', types.A)).data, '198.51.100.10');
    const probes = client.heard.filter(({ isResponse, records: all }) => !isResponse && all.length > 0);
    assert.ok(probes.length >= 3, 'it was probed for');
  });

  it('that comes up where the name is taken makes it another name on all', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const machine = make({ eth0: ['house', '192.0.2.10/24'] });
    const house = await neighbour('house', '192.0.2.99/24');
    await told(make({ eth0: ['shed', '198.51.100.7/24'] }), { hostname: 'other' }).start();
    const one = told(machine);
    await one.start();
    assert.equal(one.name, 'Server');
    machine.plug('wlan0', 'shed', '198.51.100.10/24');
    await house.record('a goodbye', ({ name, ttl }) => name === `Server.${kind}` && ttl === 0);
    assert.equal((await house.resolve(`Server (2).${kind}`, types.SRV)).data, '8080 pi.local');
  });

  it('that goes away and comes back is told again, as fast as it may be', async (t) => {
    const { both, neighbour, told } = stage(t);
    const machine = both();
    const client = await neighbour('shed', '198.51.100.99/24');
    await told(machine).start();
    machine.unplug('wlan0');
    await eventually('sockets closed', () => machine.sockets.size === 2);
    machine.plug('wlan0', 'shed', '198.51.100.10/24', 'fe80::20/64');
    assert.equal((await client.resolve('pi.local', types.A)).data, '198.51.100.10');

    // Out and in between two looks: the addresses are the same, what was joined is forgotten.
    machine.unplug('wlan0');
    machine.plug('wlan0', 'shed', '198.51.100.10/24', 'fe80::20/64');
    assert.equal((await client.resolve(`Server.${kind}`, types.SRV)).data, '8080 pi.local');
    assert.equal(machine.sockets.size, 4);
  });

  it('with another address tells that, and takes the old one back', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const machine = make({ eth0: ['house', '192.0.2.10/24', '192.0.2.11/24', '2001:db8:1::10/64'] });
    const client = await neighbour('house', '192.0.2.99/24');
    const one = told(machine);
    await one.start();
    await wait(20);
    machine.plug('eth0', 'house', '192.0.2.10/24', '192.0.2.12/24');
    await client.record('a goodbye', ({ data, ttl }) => data === '192.0.2.11' && ttl === 0);
    await client.record('another', ({ data, ttl }) => data === '2001:db8:1::10' && ttl === 0);
    await eventually('no more', () => String(addresses(client)) === '192.0.2.10,192.0.2.12');
    assert.equal(one.host, 'pi.local');
  });

  it('that has lost an address a moment ago makes the machine no rival to itself', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const machine = make({ eth0: ['house', '192.0.2.10/24', '192.0.2.11/24'] });
    const client = await neighbour('house', '192.0.2.99/24');
    await told(machine, { recheck: 3000 }).start();
    await wait(1200);
    machine.plug('eth0', 'house', '192.0.2.10/24');
    client.heard.length = 0;
    client.query('pi.local', types.A);
    await client.record('the old address', ({ data }) => data === '192.0.2.11');
    await client.record('a goodbye', ({ data, ttl }) => data === '192.0.2.11' && ttl === 0);
    assert.ok(
      client.heard.every(({ isResponse, records: all }) => isResponse || all.length === 0),
      'nothing was probed',
    );
  });

  it('that refuses a socket is named once and tried again, and the other family goes on', async (t) => {
    const { machine: make, neighbour, told } = stage(t);
    const machine = make({ eth0: ['house', '192.0.2.10/24', 'fe80::1/64'] });
    const [four, six] = [await neighbour('house', '192.0.2.99/24'), await neighbour('house', 'fe80::99/64')];
    machine.refused.udp6 = 'EADDRINUSE';
    const notices: string[] = [];
    await told(machine, { notices }).start();
    assert.equal((await four.resolve('pi.local', types.A)).data, '192.0.2.10');
    await wait(100);
    assert.deepEqual(notices, ['Not told of by IPv6 on eth0: EADDRINUSE of the test']);
    delete machine.refused.udp6;
    assert.equal((await six.resolve('pi.local', types.A)).data, '192.0.2.10');
  });

  it('that takes no multicast is named, and nothing fails', async (t) => {
    const { machine: make, told } = stage(t);
    const machine = make({ eth0: ['house', '192.0.2.10/24'] });
    const { portOf } = machine;
    machine.portOf = () => portOf.call(machine, 'nowhere');
    const notices: string[] = [];
    await told(machine, { notices }).start();
    assert.deepEqual(notices, ['Not told of by IPv4 on eth0: ENODEV of the test']);
    assert.equal(machine.sockets.size, 0, 'none is left open');
  });
});

describe('what is asked', { concurrency: true }, () => {
  it('is not answered with what the asker knows, nor twice in a second', async (t) => {
    const { both, neighbour, told } = stage(t);
    const client = await neighbour('house', '192.0.2.99/24');
    await told(both()).start();
    await wait(1200);
    client.heard.length = 0;
    client.browse(kind, { known: [`Server.${kind}`] });
    await wait(200);
    assert.deepEqual(records(client), []);
    for (let time = 0; time < 5; time += 1) client.browse(kind);
    await wait(200);
    assert.equal(records(client).filter(({ type }) => type === types.PTR).length, 1);
  });

  it('waits for the rest of what the asker knows', async (t) => {
    const { both, neighbour, told } = stage(t);
    const client = await neighbour('house', '192.0.2.99/24');
    await told(both()).start();
    await wait(1200);
    client.heard.length = 0;
    client.browse(kind, { goesOn: true });
    await wait(50);
    client.goOn(kind, [`Server.${kind}`]);
    await wait(600);
    assert.deepEqual(records(client), []);
    client.browse(kind, { goesOn: true });
    await client.record('an answer after all', ({ type }) => type === types.PTR);
  });
});
