import { expect, test } from 'vitest';
import { createRecentRate } from './recent-rate.ts';

test('a rate is what came in the last minute, per second, and fades', () => {
  let now = 5_000;
  const rate = createRecentRate(() => now);
  expect(rate.perSecond()).toBe(0);
  rate.add(60);
  now += 30_000;
  rate.add(600);
  expect(rate.perSecond()).toBe(11);
  now += 30_000;
  expect(rate.perSecond()).toBe(10);
  now += 30_000;
  expect(rate.perSecond()).toBe(0);
});
