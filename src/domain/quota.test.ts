import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { defaultLimits } from './limits.ts';
import { findQuota, msUntil, quotaNames, refill, type Quota } from './quota.ts';

const quota: Quota = { name: 'SUBMITS', limit: 20, windowMs: 3_600_000, isShared: false };

describe('A quota', () => {
  test('is there only where a limit is set', () => {
    expect(quotaNames.map((name) => findQuota(name, defaultLimits))).toEqual([null, null, null, null]);
    expect(findQuota('SUBMITS', { ...defaultLimits, submitsPerHour: 20 })).toEqual(quota);
  });

  test('comes back evenly, and is whole after its window', () => {
    expect([0, 180_000, 3_600_000, 7_200_000, -5].map((ms) => refill(quota, 0, ms))).toEqual([0, 1, 20, 20, 0]);
  });

  const amounts = fc.double({ min: 0, max: 20, noNaN: true });
  test.prop([amounts, amounts])('has what is wanted after the time that it says', (tokens, wanted) => {
    expect(refill(quota, tokens, msUntil(quota, tokens, wanted))).toBeGreaterThanOrEqual(wanted - 1e-9);
  });

  test('is whole when more than all of it is wanted', () => {
    expect(msUntil(quota, 0, 1_000)).toBe(3_600_000);
  });
});
