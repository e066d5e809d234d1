import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { canaryItems, reportCanary } from './canary.ts';

const sample = { items: 100, succeeded: 90, failed: 8, skipped: 2, durationMs: 2_000, cost: '0.50' };

describe('A canary', () => {
  test('is so many items or a share of all, rounded up, and never more than there are', () => {
    expect(canaryItems({ items: 100, percent: null }, 1_000)).toBe(100);
    expect(canaryItems({ items: 100, percent: null }, 7)).toBe(7);
    expect(canaryItems({ items: null, percent: 1 }, 950)).toBe(10);
    expect(canaryItems({ items: null, percent: 1 }, 3)).toBe(1);
    expect(canaryItems({ items: null, percent: 1 }, 0)).toBe(0);
  });

  test('tells its error rate, and what the whole job comes to', () => {
    expect(reportCanary(sample, 1_000, 'EUR')).toEqual({
      ...sample,
      errorRate: 0.08,
      unit: 'EUR',
      projected: { items: 1_000, failed: 80, durationMs: 20_000, cost: '5.00' },
    });
    expect(reportCanary({ ...sample, items: 3, cost: '0.10' }, 10, 'EUR').projected.cost).toBe('0.33333334');
  });

  test('without costs projects none, and without items nothing', () => {
    const empty = { items: 0, succeeded: 0, failed: 0, skipped: 0, durationMs: 0, cost: null };
    expect(reportCanary(empty, 0, null)).toMatchObject({
      errorRate: 0,
      projected: { items: 0, failed: 0, durationMs: 0, cost: null },
    });
  });

  test.prop([fc.integer({ min: 1, max: 10_000 }), fc.nat(1_000_000)])(
    'that was the whole job projects what it cost',
    (items, cents) => {
      const cost = (cents / 100).toFixed(2);
      const report = reportCanary({ ...sample, items, failed: 0, cost }, items, 'EUR');
      expect(Number(report.projected.cost)).toBe(Number(cost));
      expect(report.projected.durationMs).toBe(sample.durationMs);
    },
  );
});
