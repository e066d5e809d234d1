import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { applyFigures, assertEachOnce, assertHeld, assertLease, isTriedAgain } from './outside-work.ts';

const code = (name: string) => expect.objectContaining({ code: name });

test('a lease is 5 seconds to an hour', () => {
  assertLease(5);
  assertLease(3_600);
  for (const seconds of [4, 3_601]) expect(() => assertLease(seconds)).toThrow(code('INVALID_INPUT'));
});

test('a chunk that failed outside is tried three times, if its worker says that it helps', () => {
  expect([0, 1, 2].map((broken) => isTriedAgain({ broken, retryable: true }))).toEqual([true, true, false]);
  expect(isTriedAgain({ broken: 0, retryable: false })).toBe(false);
});

describe('figures of a stage', () => {
  const before = { total: null, completed: 2, failed: 1 };

  test('that are not reported stay as they were', () => {
    expect(applyFigures(before, { total: 5, completed: null, failed: null })).toEqual({ ...before, total: 5 });
    expect(applyFigures(before, { total: null, completed: 4, failed: 0 })).toEqual({
      total: null,
      completed: 4,
      failed: 0,
    });
  });

  const figure = fc.option(fc.integer({ min: -2, max: 5 }));
  property.prop([fc.record({ total: figure, completed: figure, failed: figure })])(
    'are 0 ≤ failed ≤ completed ≤ total, or refused',
    (reported) => {
      const apply = () => applyFigures(before, reported);
      const failed = reported.failed ?? 1;
      const completed = reported.completed ?? 2;
      const total = reported.total ?? Infinity;
      if (failed >= 0 && failed <= completed && completed <= total) {
        expect(apply()).toEqual({ total: reported.total, completed, failed });
      } else expect(apply).toThrow(code('INVALID_INPUT'));
    },
  );
});

describe('a chunk', () => {
  test('is held by its newest attempt, while it is RUNNING', () => {
    assertHeld({ state: 'RUNNING', attempt: 2 }, 2);
    for (const [state, attempt] of [
      ['RUNNING', 3],
      ['PENDING', 2],
      ['COMPLETED', 2],
    ] as const) {
      expect(() => assertHeld({ state, attempt }, 2)).toThrow(expect.objectContaining({ code: 'CONFLICT', state }));
    }
  });

  property.prop([fc.uniqueArray(fc.nat(30)), fc.array(fc.nat(30))])(
    'takes exactly one result for each of its open items',
    (open, results) => {
      const fits =
        open.length === results.length &&
        new Set([...open, ...results, -1]).size === open.length + 1 &&
        new Set(results).size === open.length;
      if (fits) assertEachOnce(open, results);
      else expect(() => assertEachOnce(open, results)).toThrow(code('INVALID_INPUT'));
    },
  );

  test('takes results in any order, and says which do not fit', () => {
    assertEachOnce([1, 2], [2, 1]);
    expect(() => assertEachOnce([1, 2], [1, 1, 5])).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({ message: 'Item 1 has two results.', path: ['results', '1'], row: 2 }),
          expect.objectContaining({ message: 'Item 5 is not among those that were claimed.' }),
          expect.objectContaining({ message: 'Item 2 has no result.', path: ['results'], row: 3 }),
        ],
      }),
    );
  });
});
