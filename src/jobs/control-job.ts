import type { PoolClient } from 'pg';
import type { Database } from '../database/database.ts';
import type { Job } from '../database/entities/job.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { cancelRemainingItems } from '../database/sql/cancel-remaining-items.ts';
import { findReader } from '../database/sql/find-reader.ts';
import { markJobsDeleted } from '../database/sql/mark-jobs-deleted.ts';
import { ConflictError, NotFoundError } from '../domain/errors.ts';
import { assertAllowed, isTerminal, type JobAction } from '../domain/job-state.ts';
import { approveCanary } from './guard-rails/approve-canary.ts';
import { resetBreaker } from './guard-rails/renew-guard-rails.ts';
import { canSee } from './can-see.ts';
import type { JobCommands, Viewer } from './commands.ts';
import type { Line } from './line.ts';
import { retry } from './retry-job.ts';
import { runAgain } from './run-again.ts';
import { setJobState } from './set-job-state.ts';
import type { WorkflowStarter } from './workflow-starter.ts';

type Control = Pick<JobCommands, 'pauseJob' | 'resumeJob' | 'approveJob' | 'cancelJob' | 'retryJob' | 'deleteJob'>;

/** Each command stores the wish with its journal entry first and tells Temporal second, so that none that was accepted is lost. */
export function createJobControl({
  database,
  workflows,
  line,
}: {
  database: Database;
  workflows: WorkflowStarter;
  line: Line;
}): Control {
  async function change(
    viewer: Viewer,
    jobId: string,
    action: JobAction,
    apply: (client: PoolClient, job: Job, by: string) => Promise<void>,
  ): Promise<Job> {
    return await database.transaction(async (client) => {
      const job = await lockJob(client, database.em(), jobId);
      if (!job || !canSee(viewer, job)) throw new NotFoundError(`There is no job ${jobId}.`);
      assertAllowed(action, job);
      if (isTerminal(job.state)) await assertUnread(client, job, action);
      await apply(client, job, viewer.caller.name);
      // As it is now; a deleted job is no longer there to be read.
      return (await lockJob(client, database.em(), jobId)) ?? job;
    });
  }

  async function changeAndWake(...parameters: Parameters<typeof change>): Promise<Job> {
    const job = await change(...parameters);
    await workflows.wakeJob(job.id);
    return job;
  }

  return {
    pauseJob: (viewer, jobId) =>
      changeAndWake(viewer, jobId, 'PAUSE', (client, job, by) =>
        setJobState(client, job, { to: 'PAUSING', by, reason: 'USER' }),
      ),
    resumeJob: (viewer, jobId) =>
      changeAndWake(viewer, jobId, 'RESUME', async (client, job, by) => {
        await resetBreaker(client, job.id);
        await runAgain(client, line, job, { by });
      }),
    approveJob: (viewer, jobId) =>
      changeAndWake(viewer, jobId, 'APPROVE', (client, job, by) => approveCanary(client, job, { line, by })),
    cancelJob: (viewer, jobId) => changeAndWake(viewer, jobId, 'CANCEL', cancel),
    retryJob: (viewer, jobId, command = { request: { kind: 'ALL_FAILURES' }, spec: null, itemsPerSecond: null }) =>
      changeAndWake(viewer, jobId, 'RETRY', (client, job) => retry(client, job, { line, by: viewer.caller, command })),
    deleteJob: async (viewer, jobId) => {
      await change(viewer, jobId, 'DELETE', async (client) => void (await markJobsDeleted(client, [jobId])));
    },
  };
}

/** An ended job may be the source of another one. @throws ConflictError until that has read it */
async function assertUnread(client: PoolClient, job: Job, action: JobAction): Promise<void> {
  const reader = await findReader(client, job.projectId, job.id);
  if (reader === null) return;
  throw new ConflictError(
    `Job ${reader} is reading the items of job ${job.id}: ${action} is possible once it has read them, or is canceled.`,
    { state: job.state },
  );
}

/** A job that nothing runs any more, or not yet, is canceled at once; a running one drains first. */
async function cancel(client: PoolClient, job: Job, by: string): Promise<void> {
  const idle = job.state === 'FAILED' || (job.state === 'PENDING' && job.startedAt === null);
  if (!idle) return await setJobState(client, job, { to: 'CANCELING', by });
  await cancelRemainingItems(client, job.id);
  await setJobState(client, job, { to: 'CANCELED', by });
}
