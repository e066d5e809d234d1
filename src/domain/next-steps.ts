import { describeDuration } from './duration.ts';
import { assertNever } from './errors.ts';
import type { JobState, PauseReason } from './job-state.ts';
import { formatCount } from './progress-message.ts';

export interface NextStepsFacts {
  /** As the client names it. */
  jobId: string;
  state: JobState;
  pauseReason?: PauseReason | null;
  lastSequence: number;
  failed: number;
  /** Null once there is nothing to wait for. */
  pollAfterMs: number | null;
  /** True when the job was refused at its source, with a list of problems. */
  isRefused: boolean;
  /** True when its items were kept for long enough and are gone. */
  areItemsDeleted: boolean;
}

/** What a client can do now, one sentence each, with the operation that does it. */
export function nextSteps(job: NextStepsFacts): string[] {
  const id = JSON.stringify(job.jobId);
  const follow = [
    `Follow it live: subscription { jobProgress(jobId: ${id}) { message } }.`,
    `Miss nothing after a cut connection: subscription { jobEvents(jobId: ${id}, afterSequence: "${job.lastSequence}") { sequence } }.`,
    ...(job.pollAfterMs === null ? [] : [`Or ask for the job again in ${formatSeconds(job.pollAfterMs)}.`]),
  ];
  if (job.areItemsDeleted) return [keptSteps];
  switch (job.state) {
    case 'PENDING':
    case 'RUNNING':
    case 'PAUSING':
    case 'COMPLETING':
    case 'CANCELING':
      return follow;
    case 'PAUSED':
      return pausedSteps(job.pauseReason ?? null, id);
    case 'COMPLETED':
      return [
        'Read Job.aggregates for the totals, Job.items for each result.',
        `Take the results away with createExport(input: { jobId: ${id}, format: CSV, content: ITEMS }).`,
        ...failureSteps(job),
      ];
    case 'CANCELED':
      return ['Read Job.items: what had ended before the cancellation is kept.', 'Submit a new job for the rest.'];
    case 'FAILED':
      if (job.isRefused) return ['Read Job.problems, correct the source and submit it again.'];
      return failureSteps(job).length > 0
        ? failureSteps(job)
        : [`Run it again with retryJob(input: { jobId: ${id} }).`];
  }
  return assertNever(job.state);
}

const keptSteps =
  'Its items are deleted, as the retention of the project says; Job.aggregates, Job.events and finished exports are still there.';

function pausedSteps(reason: PauseReason | null, id: string): string[] {
  const goOn = `Go on with resumeJob(input: { jobId: ${id} }), or end it with cancelJob.`;
  switch (reason) {
    case 'APPROVAL':
      return [
        'Read Job.guardRails.canary for its error rate and what the whole job comes to.',
        `Let the others run with approveJob(input: { jobId: ${id} }), or end it with cancelJob.`,
      ];
    case 'BUDGET':
      return [`Raise its budget with updateJobLimits(input: { jobId: ${id}, budget: … }).`, goOn];
    case 'BREAKER':
      return ['Read Job.failures: the failed items, grouped by error.', goOn];
    case 'WINDOW':
      return [`It goes on by itself; change the window with updateJobLimits, or end it with cancelJob.`];
    case 'USER':
    case 'PROVIDER':
    case null:
      return [goOn];
  }
}

function formatSeconds(ms: number): string {
  return ms === 1_000 ? 'a second' : `${ms / 1_000} seconds`;
}

function failureSteps(job: NextStepsFacts): string[] {
  if (job.failed === 0) return [];
  const items = job.failed === 1 ? 'the failed item' : `the ${formatCount(job.failed)} failed items`;
  return [
    'Read Job.failures: the failed items, grouped by error.',
    `Run ${items} again with retryJob(input: { jobId: ${JSON.stringify(job.jobId)} }).`,
  ];
}

export interface TipFacts {
  state: JobState;
  /** Items as far as they are known. */
  total: number;
  hasKey: boolean;
  estimatedDurationMs: number | null;
}

/** Advice that saves a client trouble, one sentence each. */
export function tips(job: TipFacts): string[] {
  const before = job.state === 'PENDING';
  return [
    ...(before && job.estimatedDurationMs !== null
      ? [`It should take ${describeDuration(job.estimatedDurationMs)}.`]
      : []),
    ...(before && !job.hasKey
      ? ['Send an idempotencyKey: repeating the submit after a lost answer then gives the same job.']
      : []),
    ...(job.total > largeJob
      ? ['A large job can be paused and resumed at any time; nothing that has ended runs again.']
      : []),
    ...(job.state === 'RUNNING' ? ['Results can be read from Job.items while the job is running.'] : []),
    ...(job.state === 'COMPLETED' || job.state === 'CANCELED'
      ? ['deleteJob frees the space of a job that you no longer need.']
      : []),
  ];
}

const largeJob = 10_000;
