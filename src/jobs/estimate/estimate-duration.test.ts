import { expect, test } from 'vitest';
import { emptyJobMs, estimateDuration, type Schedule } from './estimate-duration.ts';
import { exactly } from './job-estimate.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const hourMs = 3_600_000;
const schedule: Schedule = { now, startAt: now, waitMs: null, window: null, itemsPerSecond: Infinity };
const estimate = (change: Partial<Schedule>, ms = 10_000) =>
  estimateDuration(exactly(100, 'MEASURED'), exactly(ms, 'DECLARED'), { ...schedule, ...change });
const expected = (change: Partial<Schedule>) => estimate(change)?.expected;

test('the work takes its time, but no less than the rate lets it', () => {
  expect(expected({})).toBe(emptyJobMs + 10_000);
  expect(expected({ itemsPerSecond: 5 })).toBe(emptyJobMs + 20_000);
  expect(expected({ itemsPerSecond: 50 })).toBe(emptyJobMs + 10_000);
});

test('a start that is past is now, and a later one is waited for', () => {
  expect(expected({ startAt: now - hourMs })).toBe(emptyJobMs + 10_000);
  expect(expected({ startAt: now + hourMs })).toBe(hourMs + emptyJobMs + 10_000);
});

test('the wait in line comes before, and is the less certain part', () => {
  expect(estimate({ waitMs: 60_000 })).toEqual({
    expected: 60_000 + emptyJobMs + 10_000,
    least: 30_000 + emptyJobMs + 10_000,
    most: 120_000 + emptyJobMs + 10_000,
    basis: 'DECLARED',
  });
});

test('a window is waited for, and an end that lies too far off is none', () => {
  const window = { days: [], from: '22:00', to: '06:00', timeZone: 'UTC' };
  expect(expected({ window })).toBe(10 * hourMs + emptyJobMs + 10_000);
  expect(estimate({ window }, 1e15)).toBeNull();
});
