import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { costOf, covers, leftOf, spentOn } from './budget.ts';
import { formatDecimal } from './exact-decimal.ts';

const costs = { unit: 'EUR', perItem: { RENDER: '0.10', SEND: '0.005' } };

describe('A budget', () => {
  test('is spent exactly, stage by stage, on top of earlier generations', () => {
    expect(spentOn(costs, '0', {})).toBe('0');
    expect(spentOn(costs, '1.5', { INGEST: 10, RENDER: 3, SEND: 3 })).toBe('1.815');
  });

  test('covers what is left of it, and not the least bit more', () => {
    const left = leftOf('10', '9', costOf(costs, 'RENDER', 5));
    expect(left).toBe('0.50');
    expect(covers(left, costOf(costs, 'RENDER', 5))).toBe(true);
    expect(covers(left, costOf(costs, 'RENDER', 6))).toBe(false);
  });

  test('holds up nothing that costs nothing, even when it is overdrawn', () => {
    expect(covers('-1', costOf(costs, 'VALIDATE', 1_000))).toBe(true);
  });

  test.prop([fc.nat(1_000_000), fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 50 })])(
    'is never exceeded by what was reserved from it',
    (cents, chunks) => {
      const amount = formatDecimal({ units: BigInt(cents), scale: 2 });
      let running = 0;
      for (const items of chunks) {
        if (covers(leftOf(amount, '0', costOf(costs, 'RENDER', running)), costOf(costs, 'RENDER', items)))
          running += items;
      }
      expect(running * 10).toBeLessThanOrEqual(cents);
    },
  );
});
