import type { PoolClient } from 'pg';
import { lockGuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { spentOn } from '../../domain/budget.ts';
import { setDeadline } from './set-deadline.ts';

/** What happened so far no longer counts for the breaker, once the job runs again. */
export async function resetBreaker(client: PoolClient, jobId: string): Promise<void> {
  await client.query('update guard_rails set baseline = null where job_id = $1', [jobId]);
}

/**
 * Before a locked job is restarted: gives what to call with its generation after that. A retried job has a fresh breaker and its
 * deadline anew; what it spent stays spent.
 */
export async function renewGuardRails(
  client: PoolClient,
  jobId: string,
): Promise<(generation: number) => Promise<void>> {
  const job = await lockGuardedJob(client, jobId);
  if (!job) return async () => {};
  const spent = job.costs ? spentOn(job.costs, job.spentBefore, job.completed) : job.spentBefore;
  return async (generation) => {
    await resetBreaker(client, jobId);
    // A job that ended while it waited for approval waits for it again.
    await client.query(
      `update guard_rails set canary_state = 'RUNNING' where job_id = $1 and canary_state = 'WAITING'`,
      [jobId],
    );
    if (generation > job.generation)
      await client.query('update guard_rails set spent_before = $2 where job_id = $1', [jobId, spent]);
    await setDeadline(client, jobId, job.settings.deadline);
  };
}
