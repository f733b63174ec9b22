import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Locked, Lockout } from '../../../src/auth/lockout.js';
import { networkOf } from '../../../src/auth/network-of.js';
import { admit } from '../../../src/auth/admit.js';
import { Access, HttpError } from '../../../src/index.js';
import { TestClock, basicHeader, request } from './requests.js';

const peer = '192.0.2.7';

describe('failed logins', () => {
  it('T53 lock an address out for that name after the limit, for what is left of a minute', () => {
    const clock = new TestClock();
    const locked: Locked[] = [];
    const lockout = new Lockout({ limit: 3, now: clock.now, onLocked: (one) => locked.push(one) });
    for (let count = 0; count < 3; count += 1) {
      assert.equal(lockout.blocked(peer, 'ann'), 0);
      lockout.fail(peer, 'ann');
      clock.forward(10);
    }
    assert.equal(lockout.blocked(peer, 'ann'), 30);
    assert.equal(lockout.blocked(peer, 'bob'), 0);
    assert.equal(lockout.blocked('192.0.2.8', 'ann'), 0);
    assert.deepEqual(locked, [{ address: peer, wait: 40 }]);
    clock.forward(30);
    assert.equal(lockout.blocked(peer, 'ann'), 0);
    lockout.fail(peer, 'ann');
    assert.equal(lockout.blocked(peer, 'ann'), 10);
    assert.equal(locked.length, 2);
  });

  it('T53 for many names lock the address out as a whole', () => {
    const clock = new TestClock();
    const lockout = new Lockout({ limit: 3, now: clock.now });
    for (let count = 0; count < 6; count += 1) lockout.fail(peer, `user ${count}`);
    assert.equal(lockout.blocked(peer, 'somebody else'), 60);
    assert.equal(lockout.blocked(peer), 60);
    clock.forward(60);
    assert.equal(lockout.blocked(peer), 0);
    assert.equal(lockout.size, 6, 'only what was looked at is forgotten');
  });

  it('are forgiven when the user comes in', () => {
    const lockout = new Lockout({ limit: 3 });
    for (let count = 0; count < 2; count += 1) lockout.fail(peer, 'ann');
    lockout.succeed(peer, 'ann');
    for (let count = 0; count < 2; count += 1) lockout.fail(peer, 'ann');
    assert.equal(lockout.blocked(peer, 'ann'), 0);
  });

  it('T53 of invented names and addresses take bounded memory', () => {
    const lockout = new Lockout({ limit: 3, maxKeys: 100 });
    for (let count = 0; count < 5000; count += 1) lockout.fail(`192.0.2.${count % 250}`, `name ${count}`.repeat(1000));
    assert.ok(lockout.size <= 100, String(lockout.size));
  });

  it('T53 are not counted with limit 0', () => {
    const lockout = new Lockout({ limit: 0 });
    for (let count = 0; count < 100; count += 1) lockout.fail(peer, 'ann');
    assert.equal(lockout.blocked(peer, 'ann'), 0);
    assert.equal(lockout.isQuiet, true);
  });

  it('T53 from one IPv6 network are those of one client', () => {
    const lockout = new Lockout({ limit: 3 });
    for (let count = 0; count < 3; count += 1) lockout.fail(`2001:db8:1:2::${count}`, 'ann');
    assert.ok(lockout.blocked('2001:db8:1:2:ffff::1', 'ann') > 0);
    assert.equal(lockout.blocked('2001:db8:1:3::1', 'ann'), 0);
  });
});

describe('the network of an address', () => {
  const rows: readonly [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0001::', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
  ];
  for (const [address, expected] of rows)
    it(`${address || 'of none'} is ${expected || 'none'}`, () => assert.equal(networkOf(address), expected));
});

describe('admission', () => {
  const access = new Access({
    realm: 'R',
    entries: [
      { scheme: 'basic', username: 'ann', password: 'right' },
      { scheme: 'token', token: 't', name: '', from: 'cookie:t' },
    ],
  });
  const statusOf = (lockout: Lockout, authorization?: string, cookies?: Record<string, string>): number => {
    try {
      void admit(access, lockout, request(authorization, cookies && { cookies }), peer);
      return 200;
    } catch (error) {
      assert.ok(error instanceof HttpError);
      if (error.status === 429) assert.match(String(error.headers?.['Retry-After']), /^[1-9]\d?$/);
      return error.status;
    }
  };

  it('T53 refuses a locked-out user even with the right password, and others not', () => {
    const lockout = new Lockout({ limit: 2 });
    assert.equal(statusOf(lockout, basicHeader('ann', 'wrong')), 401);
    assert.equal(statusOf(lockout, basicHeader('ann', 'wrong')), 401);
    assert.equal(statusOf(lockout, basicHeader('ann', 'right')), 429);
    assert.equal(statusOf(lockout, undefined, { t: 't' }), 200);
  });

  it('T53 forgives no guesses at a password for a token that comes along', () => {
    const lockout = new Lockout({ limit: 3 });
    const guess = (): number => statusOf(lockout, basicHeader('ann', 'wrong'));
    assert.deepEqual([guess(), guess()], [401, 401]);
    assert.equal(statusOf(lockout, basicHeader('ann', 'wrong'), { t: 't' }), 200);
    assert.deepEqual([guess(), guess()], [401, 429]);
  });

  it('T53 counts tokens in cookies like logins, and no request without credentials', () => {
    const lockout = new Lockout({ limit: 2 });
    for (let count = 0; count < 10; count += 1) assert.equal(statusOf(lockout), 401);
    assert.equal(statusOf(lockout, undefined, { t: 'x' }), 401);
    assert.equal(statusOf(lockout, undefined, { t: 'y' }), 401);
    assert.equal(statusOf(lockout, undefined, { t: 't' }), 429);
    assert.equal(statusOf(lockout), 401);
  });
});
