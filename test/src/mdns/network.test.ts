import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { interfaceOf, isNear, isOwnAddress, machineName, reachableAddresses } from '../../../src/mdns/network.js';

describe('where a server is told of', () => {
  it('is this machine alone when only it can reach the server', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) assert.equal(interfaceOf(host), '127.0.0.1', host);
    assert.deepEqual(reachableAddresses('localhost'), ['127.0.0.1']);
    assert.deepEqual(reachableAddresses('::1'), ['::1']);
  });

  it('is the network otherwise, with the addresses that reach the server', () => {
    for (const host of ['0.0.0.0', '::', '', 'pi.example']) assert.equal(interfaceOf(host), undefined, host);
    assert.equal(interfaceOf('192.0.2.7'), '192.0.2.7');
    assert.deepEqual(reachableAddresses('192.0.2.7'), ['192.0.2.7']);
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal }) => !internal);
    assert.deepEqual(
      reachableAddresses('0.0.0.0').sort(),
      outside.flatMap(({ address, family }) => (family === 'IPv4' ? [address] : [])).sort(),
    );
    for (const host of ['::', 'pi.example'])
      assert.deepEqual(reachableAddresses(host).sort(), outside.map(({ address }) => address).sort());
  });
});

describe('who asks', () => {
  it('is near on a network of this machine only', () => {
    assert.ok(isNear('127.0.0.1') && isOwnAddress('127.0.0.1'));
    assert.ok(!isNear('8.8.8.8') && !isNear('2001:db8::1') && !isOwnAddress('8.8.8.8'));
  });
});

describe('the name of this machine', () => {
  it('is one label and no address', () => {
    assert.match(machineName(), /^[\w-]+$/);
    assert.equal(isIP(machineName()), 0);
  });
});
