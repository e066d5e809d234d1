import { describe, expect, test } from 'vitest';
import { nextDueAt, warningAt, type TimedJob } from './due-moment.ts';

const now = Date.parse('2026-07-01T12:00:00Z');
const hour = 3_600_000;
const job: TimedJob = { state: 'RUNNING', pauseReason: null, startAt: null, deadlineAt: null, window: null };
const window = { days: [], from: '11:00', to: '13:00', timeZone: 'UTC' };
const later = { ...window, from: '14:00', to: '15:00' };

describe('The next moment that changes a job by itself', () => {
  test('is none without a timed rail, nor once the job is ending', () => {
    expect(nextDueAt(job, now)).toBeNull();
    for (const state of ['COMPLETING', 'CANCELING', 'COMPLETED', 'CANCELED', 'FAILED'] as const)
      expect(nextDueAt({ ...job, state, deadlineAt: now + hour }, now)).toBeNull();
  });

  test('is the begin of a job that waits for it', () => {
    expect(nextDueAt({ ...job, state: 'PENDING', startAt: now + hour }, now)).toBe(now + hour);
    expect(nextDueAt({ ...job, startAt: now - hour }, now)).toBeNull();
  });

  test('is the deadline, in a pause too', () => {
    expect(nextDueAt({ ...job, deadlineAt: now + hour }, now)).toBe(now + hour);
    expect(nextDueAt({ ...job, state: 'PAUSED', pauseReason: 'USER', deadlineAt: now + hour }, now)).toBe(now + hour);
  });

  test('is the end of the window for a running job, and its begin for one that waits for it', () => {
    const waiting = { ...job, state: 'PAUSED' as const, pauseReason: 'WINDOW' as const };
    expect(nextDueAt({ ...job, window }, now)).toBe(now + hour);
    expect(nextDueAt({ ...job, window: later }, now)).toBe(now);
    expect(nextDueAt({ ...waiting, window: later }, now)).toBe(now + 2 * hour);
    expect(nextDueAt({ ...waiting, window }, now)).toBe(now);
    expect(nextDueAt({ ...waiting, window: { ...window, days: ['NEVER' as never] } }, now)).toBeNull();
  });

  test('is nothing of the window for a job that somebody paused', () => {
    expect(nextDueAt({ ...job, state: 'PAUSED', pauseReason: 'USER', window }, now)).toBeNull();
  });
});

test('A deadline is warned of when a tenth of its time is left', () => {
  expect(warningAt(now, 60)).toBe(now - 6 * 60_000);
});
