import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { endedSince, findTrip } from './failure-breaker.ts';

const byPercent = (percent: number, minimumItems = 1) => ({ failures: null, percent, minimumItems });
const byCount = (failures: number) => ({ failures, percent: null, minimumItems: 1_000 });
const one = (ended: number, failed: number) => ({ SEND: { ended, failed } });

describe('A failure breaker', () => {
  test('trips at its number of failed items over all stages, however few have ended', () => {
    expect(findTrip(byCount(3), one(3, 2))).toBeNull();
    const both = { CHECK: { ended: 9, failed: 2 }, SEND: { ended: 5, failed: 1 } };
    expect(findTrip(byCount(3), both)).toEqual({ stage: null, ended: 9, failed: 3 });
  });

  test('trips above its share, not at it, and not before its minimum', () => {
    expect(findTrip(byPercent(5, 1_000), one(1_000, 50))).toBeNull();
    expect(findTrip(byPercent(5, 1_000), one(1_000, 51))).toEqual({ stage: 'SEND', ended: 1_000, failed: 51 });
    expect(findTrip(byPercent(5, 1_000), one(999, 999))).toBeNull();
  });

  test('takes the share of each stage by itself', () => {
    expect(findTrip(byPercent(50), { CHECK: { ended: 100, failed: 40 }, SEND: { ended: 10, failed: 5 } })).toBeNull();
    expect(findTrip(byPercent(50), { CHECK: { ended: 100, failed: 0 }, SEND: { ended: 10, failed: 6 } })?.stage).toBe(
      'SEND',
    );
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
    expect(findTrip(breaker, one(ended, 0))).toBeNull();
  });

  test.prop([breakers, figures, fc.nat(100)])('stays tripped by more failures', (breaker, { ended, failed }, more) => {
    fc.pre(findTrip(breaker, one(ended, failed)) !== null);
    expect(findTrip(breaker, one(ended + more, failed + more))).not.toBeNull();
  });

  test.prop([breakers, fc.dictionary(fc.string(), figures)])('begins anew where it is resumed', (breaker, now) => {
    expect(findTrip(breaker, endedSince(now, now))).toBeNull();
  });

  test('counts what began after the resume, and nothing below zero when a redrive took failed items back', () => {
    expect(
      endedSince({ A: { ended: 5, failed: 0 }, B: { ended: 2, failed: 1 } }, { A: { ended: 10, failed: 5 } }),
    ).toEqual({
      A: { ended: 0, failed: 0 },
      B: { ended: 2, failed: 1 },
    });
  });
});
