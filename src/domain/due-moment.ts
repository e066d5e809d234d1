import { windowAt, type ExecutionWindow } from './execution-window.ts';
import { isTerminal, type JobState, type PauseReason } from './job-state.ts';

/** What moments change a job by themselves; all times in milliseconds since 1970. */
export interface TimedJob {
  state: JobState;
  pauseReason: PauseReason | null;
  startAt: number | null;
  deadlineAt: number | null;
  window: ExecutionWindow | null;
}

/** Begin, end, deadline: when time alone next changes what the job may do. Null when it never does; not after `now` when it already did. */
export function nextDueAt(job: TimedJob, now: number): number | null {
  if (isTerminal(job.state) || job.state === 'COMPLETING' || job.state === 'CANCELING') return null;
  const moments = [job.deadlineAt, job.state === 'PENDING' ? job.startAt : null, windowMoment(job, now)];
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function windowMoment({ state, pauseReason, window }: TimedJob, now: number): number | null {
  if (!window) return null;
  const isWaiting = state === 'PAUSED' && pauseReason === 'WINDOW';
  if (state !== 'RUNNING' && !isWaiting) return null;
  const at = windowAt(window, now);
  if (!at) return null;
  // What is open already lets a waiting job go on at once, as what is closed stops a running one.
  return at.isOpen === isWaiting ? now : at.until;
}

/** When the warning of a deadline is due: a tenth of its time before it. */
export function warningAt(deadlineAt: number, minutes: number): number {
  return deadlineAt - minutes * 6_000;
}
