import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callAt } from './call-at.ts';

const dayMs = 86_400_000;
const now = new Date('2026-03-02T12:00:00Z');

beforeEach(() => void vi.useFakeTimers({ now }));
afterEach(() => void vi.useRealTimers());

test.each([0.5, 24.8, 24.9, 100, 3_650])('a call in %d days comes then and not before, once', (days) => {
  const called = vi.fn<() => void>();
  callAt(new Date(now.getTime() + days * dayMs), called);
  vi.advanceTimersByTime(days * dayMs - 1);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(called).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a call at a moment that is over comes at once', () => {
  const called = vi.fn<() => void>();
  callAt(new Date(now.getTime() - dayMs), called);
  vi.advanceTimersByTime(0);
  expect(called).toHaveBeenCalledTimes(1);
});

test('a call that is given up never comes, not even when it was far away', () => {
  const called = vi.fn<() => void>();
  const giveUp = callAt(new Date(now.getTime() + 60 * dayMs), called);
  vi.advanceTimersByTime(30 * dayMs);
  giveUp();
  expect(vi.getTimerCount()).toBe(0);
  expect(called).not.toHaveBeenCalled();
});
