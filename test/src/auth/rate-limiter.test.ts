import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RateLimiter, rateLimitHeaders } from '../../../src/index.js';
import { TestClock } from './requests.js';

describe('a rate limit', () => {
  it('lets the limit pass in a window, and all of it again when the window has passed', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter({ limit: 3, window: 10, now: clock.now });
    const take = (): boolean => limiter.take('a').allowed;
    assert.deepEqual([take(), take(), take(), take()], [true, true, true, false]);
    clock.forward(9.9);
    assert.equal(take(), false);
    clock.forward(0.1);
    assert.deepEqual([take(), take(), take(), take()], [true, true, true, false]);
  });

  it('slides: what was taken comes back piece by piece', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter({ limit: 2, window: 10, now: clock.now });
    assert.equal(limiter.take('a').allowed, true);
    clock.forward(6);
    assert.equal(limiter.take('a').allowed, true);
    clock.forward(3);
    const refused = limiter.take('a');
    assert.deepEqual(refused, { allowed: false, limit: 2, remaining: 0, reset: 7, retryAfter: 1 });
    clock.forward(1);
    assert.equal(limiter.take('a').allowed, true);
    assert.equal(limiter.take('a').allowed, false);
  });

  it('counts each key for itself, and refused requests not at all', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter({ limit: 1, window: 10, now: clock.now });
    assert.equal(limiter.take('a').allowed, true);
    assert.equal(limiter.take('b').allowed, true);
    for (let count = 0; count < 9; count += 1) {
      clock.forward(1);
      assert.equal(limiter.take('a').allowed, false);
    }
    clock.forward(1);
    assert.equal(limiter.take('a').allowed, true);
  });

  it('keeps its promise whatever comes when: never more than the limit in a window, and Retry-After is enough', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 300 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 130 }), (gaps, limit) => {
        const clock = new TestClock();
        const limiter = new RateLimiter({ limit, window: 10, now: clock.now });
        const taken: number[] = [];
        for (const gap of gaps) {
          clock.time += gap;
          const { allowed, remaining, retryAfter } = limiter.take('a');
          if (!allowed) {
            assert.ok(retryAfter > 0 && retryAfter <= 10);
            clock.forward(retryAfter);
            assert.equal(limiter.take('a').allowed, true);
          }
          taken.push(clock.time);
          assert.ok(remaining >= 0 && remaining < limit + 1);
          assert.ok(taken.filter((time) => time > clock.time - 10_000).length <= limit);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('T53 remembers a bounded number of keys, the latest', () => {
    const limiter = new RateLimiter({ limit: 1, window: 1000, maxKeys: 100 });
    for (let count = 0; count < 1000; count += 1) limiter.take(`key ${count}`);
    assert.equal(limiter.size, 100);
    assert.equal(limiter.take('key 999').allowed, false);
    assert.equal(limiter.take('key 0').allowed, true);
  });

  it('with a high limit keeps a bounded log', () => {
    const clock = new TestClock();
    const limiter = new RateLimiter({ limit: 100_000, window: 60, now: clock.now });
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 100_000; count += 1) {
      clock.time += 0.5;
      assert.equal(limiter.take('a').allowed, true);
    }
    assert.equal(limiter.take('a').allowed, false);
    assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024);
    clock.forward(60);
    assert.equal(limiter.take('a').remaining, 99_999);
  });

  it('tells a client in headers where it stands', () => {
    assert.deepEqual(rateLimitHeaders({ allowed: true, limit: 5, remaining: 4, reset: 9, retryAfter: 0 }), {
      'RateLimit-Limit': '5',
      'RateLimit-Remaining': '4',
      'RateLimit-Reset': '9',
    });
    assert.equal(
      rateLimitHeaders({ allowed: false, limit: 5, remaining: 0, reset: 9, retryAfter: 3 })['Retry-After'],
      '3',
    );
  });
});
