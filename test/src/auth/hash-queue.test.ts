import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { describe, it } from 'node:test';
import bcrypt from 'bcryptjs';
import { HashQueue, hashLimits } from '../../../src/auth/hash-queue.js';
import { Access, HttpError, Lockout } from '../../../src/index.js';
import { admit } from '../../../src/auth/admit.js';
import { UserList } from '../../../src/auth/user-list.js';
import { basicHeader, request } from './requests.js';

const hash = bcrypt.hashSync('right', 5);
const codeOf = (result: PromiseSettledResult<unknown>): string =>
  result.status === 'fulfilled' ? String(result.value) : (result.reason as HttpError).code;

describe('password hashes', () => {
  it('T53 run a few at once, a bounded number waits, the rest is told to come back', async () => {
    const queue = new HashQueue(2);
    const checks = Array.from({ length: 2 + hashLimits.waiting + 5 }, () => queue.verify('wrong', hash));
    assert.deepEqual(queue.load, { running: 2, waiting: hashLimits.waiting });
    const results = (await Promise.allSettled(checks)).map(codeOf);
    assert.equal(results.filter((code) => code === 'false').length, 2 + hashLimits.waiting);
    assert.equal(results.filter((code) => code === 'OVERLOADED').length, 5);
    assert.deepEqual(queue.load, { running: 0, waiting: 0 });
    const late = await queue.verify('right', hash);
    assert.equal(late, true);
  });

  it('T53 never use more threads than four, and leave a core free', () => {
    assert.equal(hashLimits.running, 4);
    const queue = new HashQueue();
    for (let count = 0; count < 8; count += 1) void queue.verify('x', hash).catch(() => undefined);
    assert.ok(queue.load.running <= 4);
  });

  it('T53 are worked out off the event loop', async () => {
    const expensive = bcrypt.hashSync('right', 9);
    const queue = new HashQueue(1);
    await queue.verify('warm up', hash);
    const began = process.hrtime.bigint();
    bcrypt.compareSync('wrong', expensive);
    const alone = Number(process.hrtime.bigint() - began) / 1e6;
    const before = busy();
    await Promise.all(Array.from({ length: 8 }, () => queue.verify('wrong', expensive)));
    // What the main thread itself has used: eight checks would be eight times that of one.
    const used = busy() - before;
    assert.ok(used < alone * 4, `${used} ms on the event loop, one check takes ${alone} ms`);
  });

  it('a check that is called off before its turn costs nothing', async () => {
    const queue = new HashQueue(1);
    const refuse = (): void => {
      throw new HttpError('TOO_MANY_REQUESTS');
    };
    await assert.rejects(queue.verify('right', hash, refuse), { code: 'TOO_MANY_REQUESTS' });
    assert.deepEqual(queue.load, { running: 0, waiting: 0 });
    assert.equal(await queue.verify('right', hash), true);
  });
});

describe('a list of users with hashes', () => {
  it('T53 checks the many requests of one page once, and remembers who was right', async () => {
    const queue = new HashQueue(1);
    let hashed = 0;
    const users = new UserList([['ann', hash]], queue);
    const check = (): Promise<boolean> | boolean => users.check('ann', 'right', () => (hashed += 1));
    assert.deepEqual(await Promise.all([check(), check(), check()]), [true, true, true]);
    assert.equal(hashed, 1);
    assert.equal(check(), true);
    assert.equal(hashed, 1);
  });

  it('T53 never remembers who was wrong', async () => {
    let hashed = 0;
    const users = new UserList([['ann', hash]], new HashQueue(1));
    const check = async (): Promise<boolean> => users.check('ann', 'wrong', () => (hashed += 1));
    assert.equal(await check(), false);
    assert.equal(await check(), false);
    assert.equal(hashed, 2);
  });

  it('T53 guesses sent at the same moment are locked out as those one after the other', async () => {
    const access = new Access({ realm: 'R', entries: [{ scheme: 'basic', username: 'ann', password: hash }] });
    const lockout = new Lockout({ limit: 5 });
    const guesses = Array.from({ length: 30 }, async (_, index) =>
      admit(access, lockout, request(basicHeader('ann', `guess ${index}`)), '192.0.2.7'),
    );
    const codes = (await Promise.allSettled(guesses)).map(codeOf);
    const tried = codes.filter((code) => code === 'AUTHENTICATION_REQUIRED').length;
    assert.ok(tried >= 5 && tried <= 5 + hashLimits.running, `${tried} guesses were checked`);
    assert.equal(codes.filter((code) => code === 'TOO_MANY_REQUESTS').length, 30 - tried);
  });
});

/** Milliseconds the main thread has been busy since the process began. */
function busy(): number {
  return performance.eventLoopUtilization().active;
}
