import type { ExecutionWindow } from '../../domain/execution-window.ts';
import { endInWindow } from './end-in-window.ts';
import { mapEstimated, type Estimated } from './job-estimate.ts';

/** Milliseconds that a job of no items takes on an idle machine: its stages and journal entries. */
export const emptyJobMs = 500;
/** Whoever stands before it may be faster or slower than those that ran. */
const waitFactor = 2;

export interface Schedule {
  /** Milliseconds since 1970. */
  now: number;
  startAt: number;
  /** Until it has its turn; null when that is not known, which counts as nothing. */
  waitMs: number | null;
  window: ExecutionWindow | null;
  /** Most items that may begin in a second. */
  itemsPerSecond: number;
}

/** Milliseconds from now to the end of a job: no faster than its rates let it, and only while its window is open. Null when that is too far to tell. */
export function estimateDuration(
  items: Estimated,
  work: Estimated,
  { now, startAt, waitMs, window, itemsPerSecond }: Schedule,
): Estimated | null {
  const wait = waitMs ?? 0;
  const paced = (count: number, ms: number) => emptyJobMs + Math.max(ms, (count / itemsPerSecond) * 1_000);
  const taken = {
    expected: wait + paced(items.expected, work.expected),
    least: wait / waitFactor + paced(items.least, work.least),
    most: wait * waitFactor + paced(items.most, work.most),
    basis: work.basis,
  };
  const begin = Math.max(now, startAt);
  if (endInWindow(window, begin, taken.most) === null) return null;
  return mapEstimated(taken, (ms) => (endInWindow(window, begin, ms) ?? begin + ms) - now);
}
