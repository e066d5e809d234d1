import { describe, expect, test } from 'vitest';
import { findPeriodProblem, hoursToMs, toRetention } from './retention.ts';

const nothing = { jobs: null, items: null, exports: null, uploads: null };

describe('The retention of a project', () => {
  test('is what the project says, and where it says nothing what the installation says', () => {
    const defaults = { jobs: null, items: hoursToMs(10), exports: hoursToMs(24), uploads: hoursToMs(0.5) };
    expect(toRetention({ ...nothing, exports: hoursToMs(48) }, defaults)).toEqual({
      jobs: { hours: null, isDefault: true },
      items: { hours: 10, isDefault: true },
      exports: { hours: 48, isDefault: false },
      uploads: { hours: 0.5, isDefault: true },
    });
  });

  test.each([1, 1.5, 876_000])('can be %d hours', (hours) => expect(findPeriodProblem(hours)).toBeNull());

  test.each([0, -1, 0.99, 876_001, Number.NaN, Infinity])('cannot be %d hours', (hours) =>
    expect(findPeriodProblem(hours)).toBe(`must be between 1 and 876000 hours, not ${hours}`),
  );
});
