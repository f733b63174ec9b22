import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandOver } from '../../../src/server/hand-over.js';
import { newServer } from '../../support/test-server.js';

const at = (host: string, port: number): ReturnType<typeof newServer> => newServer({ address: { host, port } });

describe('Servers held over a deploy', () => {
  it('go to the node that comes back for the same address, once', () => {
    const held = new HandOver();
    const server = at('127.0.0.1', 8080);
    held.hold('a', server, false);
    assert.deepEqual(held.take('b', server.address, false), {});
    assert.equal(held.take('a', { host: '127.0.0.1', port: 8080 }, false).kept, server);
    assert.deepEqual(held.take('a', server.address, false), {});
  });

  it('are told as moved where the node listens elsewhere or speaks otherwise', () => {
    for (const [host, port, isSecure] of [
      ['127.0.0.1', 8081, false],
      ['127.0.0.2', 8080, false],
      ['127.0.0.1', 8080, true],
    ] as const) {
      const held = new HandOver();
      const server = at('127.0.0.1', 8080);
      held.hold('a', server, false);
      const { kept, moved } = held.take('a', { host, port }, isSecure);
      assert.deepEqual([kept, moved], [undefined, server]);
      assert.deepEqual(held.drop(), [], 'it has left');
    }
  });

  it('stand in the way of whoever wants their address, or one that covers it', () => {
    const held = new HandOver();
    held.hold('a', at('127.0.0.1', 8080), false);
    for (const [host, port, blocks] of [
      ['127.0.0.1', 8080, true],
      ['0.0.0.0', 8080, true],
      ['::', 8080, true],
      ['localhost', 8080, true],
      ['127.0.0.2', 8080, false],
      ['::1', 8080, false],
      ['127.0.0.1', 8081, false],
      ['127.0.0.1', 0, false],
    ] as const)
      assert.equal(held.blocks({ host, port }), blocks, `${host}:${port}`);
    const any = new HandOver();
    any.hold('a', at('127.0.0.1', 0), false);
    assert.equal(any.blocks({ host: '127.0.0.1', port: 0 }), false, 'a free port is never taken');
  });

  it('that nobody comes back for are dropped, all of them', () => {
    const held = new HandOver();
    const servers = [at('127.0.0.1', 1), at('127.0.0.1', 2)];
    servers.forEach((server, index) => held.hold(String(index), server, false));
    assert.deepEqual(held.drop(), servers);
    assert.deepEqual(held.drop(), []);
  });
});
