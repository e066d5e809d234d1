import { nextSteps, tips } from '../src/domain/next-steps.ts';
import { pollAfterMs } from '../src/domain/poll-advice.ts';
import { elapsedMs, etaMs } from '../src/domain/progress.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { jobGlobalId } from './job-node.ts';
import type { Progress } from './progress.ts';

/** Milliseconds after which asking again pays; null when nothing changes by itself any more. */
export function advisePolling({ job, stages, now }: Progress): number | null {
  return pollAfterMs({ state: job.state, elapsedMs: elapsedMs(job, now), etaMs: etaMs(job, stages, now) });
}

/** What a client may do now, one sentence each. */
export function describeNextSteps(progress: Progress): string[] {
  const { id, state, pauseReason, lastSequence, failed, problems, itemsDeletedAt } = progress.job;
  return nextSteps({
    jobId: jobGlobalId(id),
    state,
    pauseReason,
    lastSequence,
    failed,
    isRefused: (problems ?? []).length > 0,
    areItemsDeleted: Boolean(itemsDeletedAt),
    pollAfterMs: advisePolling(progress),
  });
}

/** What is good to know beside that, one sentence each. */
export function describeTips({ state, total, key }: Job, estimatedDurationMs: number | null): string[] {
  return tips({ state, total, hasKey: Boolean(key), estimatedDurationMs });
}
