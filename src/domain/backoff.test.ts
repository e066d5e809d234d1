import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { defaultRetryPolicy, retryDelayMs, type RetryPolicy } from './backoff.ts';

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 20 }),
  initialDelayMs: fc.integer({ min: 1, max: 10_000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  maxDelayMs: fc.integer({ min: 1, max: 3_600_000 }),
});
const attempts = fc.integer({ min: 1, max: 1_000 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('The delay before a retry', () => {
  test('doubles its ceiling with each attempt, up to the longest delay', () => {
    const almostOne = 1 - Number.EPSILON;
    const ceilings = [1, 2, 3, 4, 8, 9, 100].map((attempt) => retryDelayMs(defaultRetryPolicy, attempt, almostOne));
    expect(ceilings).toEqual([200, 400, 800, 1_600, 25_600, 30_000, 30_000]);
  });

  test('waits at least as long as a provider asks for, even past the longest delay', () => {
    expect(retryDelayMs(defaultRetryPolicy, 1, 0.5, 90_000)).toBe(90_000);
    expect(retryDelayMs(defaultRetryPolicy, 9, 0.5, 1_000)).toBe(15_000);
  });

  test.prop([policies, attempts, randoms])('is a whole number from 0 to the ceiling', (policy, attempt, random) => {
    const delay = retryDelayMs(policy, attempt, random);
    expect(Number.isInteger(delay)).toBe(true);
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(policy.maxDelayMs);
  });

  test.prop([policies, attempts, randoms])('never shrinks from one attempt to the next', (policy, attempt, random) => {
    expect(retryDelayMs(policy, attempt + 1, random)).toBeGreaterThanOrEqual(retryDelayMs(policy, attempt, random));
  });
});
