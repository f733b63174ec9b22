import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { isNear, isOwnAddress, machineName, placesOf } from '../../../src/mdns/network.js';
import { Ether } from '../../support/ether.js';

const loopback = {
  lo: [
    { address: '127.0.0.1', netmask: '', mac: '', family: 'IPv4', internal: true, cidr: '127.0.0.1/8' },
    { address: '::1', netmask: '', mac: '', family: 'IPv6', internal: true, cidr: '::1/128', scopeid: 0 },
  ] as NetworkInterfaceInfo[],
};
const interfaces = {
  ...loopback,
  ...new Ether()
    .machine({
      eth0: ['a', '192.0.2.10/24', '2001:db8:1::10/64', 'fe80::1/64'],
      wlan0: ['b', '198.51.100.10/24', 'fe80::2/64'],
      veth1: ['c', 'fe80::3/64'],
    })
    .interfaces(),
};
const told = (host: string, from = interfaces): object =>
  Object.fromEntries(placesOf(host, from).map(({ name, addresses }) => [name, addresses]));

describe('where a server is told of', () => {
  it('is this machine alone when only it can reach the server, by IPv4', () => {
    assert.deepEqual(told('localhost'), { lo: ['127.0.0.1'] });
    assert.deepEqual(told('127.0.0.1'), { lo: ['127.0.0.1'] });
    assert.deepEqual(told('127.0.0.5'), { lo: ['127.0.0.5'] });
    assert.deepEqual(told('::1'), { lo: ['::1'] });
    assert.deepEqual(
      placesOf('::1', interfaces).map(({ ipv4, ipv6 }) => [ipv4, ipv6]),
      [['127.0.0.1', false]],
    );
  });

  it('is every interface by which others reach it, each with its own addresses', () => {
    assert.deepEqual(told('0.0.0.0'), { eth0: ['192.0.2.10'], wlan0: ['198.51.100.10'] });
    for (const host of ['::', '', 'pi.example'])
      assert.deepEqual(told(host), {
        eth0: ['192.0.2.10', '2001:db8:1::10'],
        wlan0: ['198.51.100.10', 'fe80::2'],
        veth1: ['fe80::3'],
      });
  });

  it('speaks both families where the interface has both, whatever the server listens on', () => {
    const ways = placesOf('0.0.0.0', interfaces).map(({ name, ipv4, ipv6 }) => [name, ipv4, ipv6]);
    assert.deepEqual(ways, [
      ['eth0', '192.0.2.10', true],
      ['wlan0', '198.51.100.10', true],
    ]);
    assert.deepEqual(
      placesOf('::', interfaces).map(({ ipv4 }) => ipv4),
      ['192.0.2.10', '198.51.100.10', undefined],
    );
  });

  it('is the one interface whose address it listens on', () => {
    assert.deepEqual(told('198.51.100.10'), { wlan0: ['198.51.100.10'] });
    assert.deepEqual(told('2001:DB8:1:0::10'), { eth0: ['2001:db8:1::10'] });
    assert.deepEqual(told('fe80::2'), { wlan0: ['fe80::2'] });
    assert.deepEqual(told('fe80::2%wlan0'), { wlan0: ['fe80::2'] });
    assert.deepEqual(told('fe80::2%eth0'), {});
    assert.deepEqual(told('203.0.113.9'), {});
  });

  it('tells the addresses of all interfaces that are on one network', () => {
    const { eth0, wlan0 } = new Ether()
      .machine({
        eth0: ['a', '192.0.2.10/24', '2001:db8:1::10/64', 'fe80::1/64'],
        wlan0: ['a', '192.0.2.11/24', '2001:db8:1::11/64', 'fe80::2/64'],
      })
      .interfaces();
    assert.deepEqual(told('::', { eth0, wlan0 } as never), {
      eth0: ['192.0.2.10', '2001:db8:1::10', '192.0.2.11', '2001:db8:1::11'],
      wlan0: ['192.0.2.11', '2001:db8:1::11', '192.0.2.10', '2001:db8:1::10'],
    });
  });

  it('has a bound, in interfaces and addresses', () => {
    const many = Object.fromEntries(
      [...Array(100).keys()].map((at): [string, [string, ...string[]]] => [
        `veth${at}`,
        ['c', ...[...Array(50).keys()].map((one) => `10.${at}.0.${one + 1}/24`)],
      ]),
    );
    const places = placesOf('0.0.0.0', new Ether().machine(many).interfaces());
    assert.deepEqual([places.length, places[0]!.addresses.length], [32, 16]);
  });

  it('is what this very machine has', () => {
    const names = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
      list?.some(({ internal, family }) => !internal && family === 'IPv4') ? [name] : [],
    );
    assert.deepEqual(
      placesOf('0.0.0.0').map(({ name }) => name),
      names,
    );
  });
});

describe('who asks', () => {
  const [eth0] = placesOf('0.0.0.0', interfaces);

  it('is near on the network of the interface only', () => {
    for (const address of ['192.0.2.99', '2001:db8:1::99', 'fe80::9%eth0', 'fe80::9'])
      assert.ok(isNear(address, eth0!));
    for (const address of ['198.51.100.99', '8.8.8.8', '2001:db8:2::1', 'fe80::9%wlan0', '127.0.0.1'])
      assert.ok(!isNear(address, eth0!), address);
  });

  it('is this machine by any of its addresses', () => {
    assert.ok(isOwnAddress('127.0.0.1') && isOwnAddress('2001:db8:1:0::10', interfaces));
    for (const address of ['8.8.8.8', '2001:db8::1', 'x', undefined, 7]) assert.ok(!isOwnAddress(address, interfaces));
  });
});

describe('the name of this machine', () => {
  it('is one label and no address', () => {
    assert.match(machineName(), /^[\w-]+$/);
    assert.equal(isIP(machineName()), 0);
  });
});
