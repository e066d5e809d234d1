import { describe, expect, test } from 'vitest';
import { findRangeProblem, itemSuccessRate, jobSuccessRate } from './analytics.ts';

describe('A range of analytics', () => {
  const from = new Date('2026-01-01T00:00:00Z');
  const after = (days: number) => ({ from, to: new Date(from.getTime() + days * 86_400_000) });

  test('does not end before it begins', () => {
    expect(findRangeProblem(after(-1), 'DAY')).toBe('to must not be earlier than from.');
    expect(findRangeProblem(after(0), 'STATE')).toBeNull();
    expect(findRangeProblem(after(0.001), 'HOUR')).toBeNull();
  });

  test('is as long as one likes, but where its parts are groups', () => {
    expect(findRangeProblem(after(100_000), 'CALLER')).toBeNull();
    expect([findRangeProblem(after(93), 'HOUR'), findRangeProblem(after(3_660), 'DAY')]).toEqual([null, null]);
    expect(findRangeProblem(after(94), 'HOUR')).toBe(
      'Grouped by HOUR a range has at most 93 days: ask for a part of it.',
    );
    expect(findRangeProblem(after(3_661), 'DAY')).toContain('at most 3660 days');
  });
});

test('success is the share of what was tried, and unknown when nothing was', () => {
  expect([jobSuccessRate({ jobs: 0, completed: 0 }), jobSuccessRate({ jobs: 4, completed: 3 })]).toEqual([null, 0.75]);
  expect([itemSuccessRate({ succeeded: 0, failed: 0 }), itemSuccessRate({ succeeded: 1, failed: 3 })]).toEqual([
    null,
    0.25,
  ]);
});
