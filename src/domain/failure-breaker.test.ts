import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { endedSince, isTripped } from './failure-breaker.ts';

const byPercent = (percent: number, minimumItems = 1) => ({ failures: null, percent, minimumItems });
const byCount = (failures: number) => ({ failures, percent: null, minimumItems: 1_000 });

describe('A failure breaker', () => {
  test('trips at its number of failed items, however few have ended', () => {
    expect(isTripped(byCount(3), { ended: 3, failed: 2 })).toBe(false);
    expect(isTripped(byCount(3), { ended: 3, failed: 3 })).toBe(true);
  });

  test('trips above its share, not at it, and not before its minimum', () => {
    expect(isTripped(byPercent(5, 1_000), { ended: 1_000, failed: 50 })).toBe(false);
    expect(isTripped(byPercent(5, 1_000), { ended: 1_000, failed: 51 })).toBe(true);
    expect(isTripped(byPercent(5, 1_000), { ended: 999, failed: 999 })).toBe(false);
  });

  const figures = fc.nat(10_000).chain((ended) => fc.record({ ended: fc.constant(ended), failed: fc.nat(ended) }));
  const breakers = fc
    .record({
      failures: fc.option(fc.integer({ min: 1, max: 1_000 })),
      percent: fc.option(fc.double({ min: 0.1, max: 99.9, noNaN: true })),
      minimumItems: fc.nat(1_000),
    })
    .filter(({ failures, percent }) => failures !== null || percent !== null);

  test.prop([breakers, figures])('never trips without a failure', (breaker, { ended }) => {
    expect(isTripped(breaker, { ended, failed: 0 })).toBe(false);
  });

  test.prop([breakers, figures, fc.nat(100)])('stays tripped by more failures', (breaker, { ended, failed }, more) => {
    fc.pre(isTripped(breaker, { ended, failed }));
    expect(isTripped(breaker, { ended: ended + more, failed: failed + more })).toBe(true);
  });

  test.prop([breakers, figures])('begins anew where it is resumed', (breaker, now) => {
    expect(endedSince(now, now)).toEqual({ ended: 0, failed: 0 });
    expect(isTripped(breaker, endedSince(now, now))).toBe(false);
  });

  test('counts nothing below zero when a redrive took failed items back', () => {
    expect(endedSince({ ended: 5, failed: 0 }, { ended: 10, failed: 5 })).toEqual({ ended: 0, failed: 0 });
  });
});
