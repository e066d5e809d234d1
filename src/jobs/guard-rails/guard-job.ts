import type { PoolClient } from 'pg';
import type { Job } from '../../database/entities/job.ts';
import { lockGuardedJob, type GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import type { NextStep } from '../../domain/activities.ts';
import { nextDueAt } from '../../domain/due-moment.ts';
import { windowAt } from '../../domain/execution-window.ts';
import type { Line } from '../line.ts';
import { runAgain } from '../run-again.ts';
import { setJobState } from '../set-job-state.ts';
import { settlePause } from '../settle-pause.ts';
import { endAtDeadline } from './end-at-deadline.ts';
import { storeDue } from './store-due.ts';

const by = 'longhaul';

/**
 * Does to a locked job of which nothing is in flight what its rails and the time demand, brings `job` up to date, and sees to
 * it that somebody looks again in time. Null when the job may go on; otherwise what to wait for.
 */
export async function guardJob(
  client: PoolClient,
  job: Pick<Job, 'id' | 'state' | 'pauseReason'>,
  line: Line,
): Promise<NextStep | null> {
  const guarded = await lockGuardedJob(client, job.id);
  if (!guarded) return null;
  const heldMs = await applyTime(client, guarded, line);
  job.state = guarded.state;
  job.pauseReason = guarded.pauseReason;
  const now = guarded.now.getTime();
  const dueAt = nextDueAt(toTimed(guarded), now);
  await storeDue(client, guarded, dueAt);
  if (heldMs !== null) return { kind: 'WAIT', forMs: heldMs };
  const isHeld = guarded.state === 'PAUSED' || (guarded.state === 'PENDING' && isBefore(guarded.now, guarded.startAt));
  if (!isHeld) return null;
  return dueAt === null ? { kind: 'WAIT' } : { kind: 'WAIT', forMs: Math.max(dueAt - now, 1) };
}

/** Milliseconds for which a job that is pausing waits for those who hold its chunks outside; null when it waits for nobody. */
async function applyTime(client: PoolClient, job: GuardedJob, line: Line): Promise<number | null> {
  const { now, deadlineAt } = job;
  if (job.state === 'PAUSING') {
    const heldMs = await settlePause(client, job);
    if (heldMs !== null) return heldMs;
  }
  const canEnd = job.state === 'PENDING' || job.state === 'RUNNING' || job.state === 'PAUSED';
  if (canEnd && deadlineAt && deadlineAt <= now) {
    await endAtDeadline(client, job, deadlineAt);
    return null;
  }
  const { window } = job.settings;
  const at = window && windowAt(window, now.getTime());
  const isOpen = !window || at?.isOpen === true;
  if (job.state === 'RUNNING' && !isOpen) {
    const message = at ? `It goes on at ${new Date(at.until).toISOString()}.` : 'Its window never opens.';
    await setJobState(client, job, { to: 'PAUSING', by, reason: 'WINDOW', message });
    return await settlePause(client, job);
  }
  if (job.state === 'PAUSED' && job.pauseReason === 'WINDOW' && isOpen) {
    await runAgain(client, line, job, { by });
  }
  return null;
}

function isBefore(now: Date, moment: Date | null): boolean {
  return moment !== null && now < moment;
}

/** A locked job as the rule of the next moment sees it. */
export function toTimed({ state, pauseReason, startAt, deadlineAt, settings }: GuardedJob) {
  return {
    state,
    pauseReason,
    startAt: startAt?.getTime() ?? null,
    deadlineAt: deadlineAt?.getTime() ?? null,
    window: settings.window,
  };
}
