import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyBudget, BudgetShare } from '../../../src/body/body-budget.js';

test('bytes taken are counted and given back', () => {
  const budget = new BodyBudget(10);
  budget.take(6, 6);
  assert.equal(budget.used, 6);
  budget.give(2);
  assert.equal(budget.used, 4);
  budget.take(6, 6);
  assert.equal(budget.used, 10);
});

test('T82 past the budget of all bodies the answer is 503 with Retry-After', () => {
  const budget = new BodyBudget(10);
  budget.take(6, 6);
  assert.throws(() => budget.take(5, 5), { code: 'OVERLOADED', status: 503, headers: { 'Retry-After': '1' } });
  assert.equal(budget.used, 6);
});

test('T82 a single body larger than the budget is 413: waiting would not help', () => {
  const budget = new BodyBudget(10);
  budget.take(8, 8);
  assert.throws(() => budget.take(3, 11), {
    code: 'BODY_TOO_LARGE',
    status: 413,
    message: 'The body is larger than the limit of 10 bytes (bodyBudget).',
  });
});

test('the limit may change while bytes are held', () => {
  const budget = new BodyBudget(10);
  budget.take(8, 8);
  budget.limit = 5;
  assert.equal(budget.limit, 5);
  assert.throws(() => budget.take(1, 1), { code: 'OVERLOADED' });
  budget.give(8);
  budget.take(5, 5);
});

test('a share adds up what one body holds and gives it back at once', () => {
  const budget = new BodyBudget(10);
  const share = new BudgetShare(budget);
  share.take(4);
  share.take(4);
  assert.equal(budget.used, 8);
  assert.throws(() => share.take(3), { code: 'BODY_TOO_LARGE' });
  assert.equal(budget.used, 8);
  share.release();
  assert.equal(budget.used, 0);
});

test('a released share counts nothing any more, however often it is released', () => {
  const budget = new BodyBudget(10);
  const share = new BudgetShare(budget);
  share.take(4);
  share.release();
  share.release();
  share.take(100);
  share.release();
  assert.equal(budget.used, 0);
});

test('without a budget everything may be taken', () => {
  const share = new BudgetShare(undefined);
  share.take(1e12);
  share.release();
});
