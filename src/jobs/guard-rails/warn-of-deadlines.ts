import type { PoolClient } from 'pg';
import type { Database } from '../../database/database.ts';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import { findJobsToWarn } from '../../database/sql/find-jobs-to-warn.ts';
import { lockGuardedJob, type GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { isTerminal } from '../../domain/job-state.ts';

/** Writes the warnings that are due; each job gets its own once, whoever is first. */
export async function warnOfDeadlines(database: Database): Promise<void> {
  for (const jobId of await findJobsToWarn(database.pool)) {
    await database.transaction(async (client) => {
      const job = await lockGuardedJob(client, jobId);
      if (!job?.warnAt || !job.deadlineAt || job.warnAt > job.now) return;
      await warnOfDeadline(client, job, job.deadlineAt);
    });
  }
}

/** The warning of a locked job's deadline; none for a job that has ended. */
export async function warnOfDeadline(client: PoolClient, job: GuardedJob, deadlineAt: Date): Promise<void> {
  await client.query('update guard_rails set warn_at = null where job_id = $1', [job.id]);
  if (isTerminal(job.state)) return;
  const action = job.settings.deadline?.action ?? 'FAIL';
  await appendJobEvent(client, job.id, 'DeadlineApproaching', { deadlineAt: deadlineAt.toISOString(), action });
}
