import type { PoolClient } from 'pg';
import type { Database } from '../../database/database.ts';
import { appendJobEvent } from '../../database/sql/append-job-event.ts';
import { lockGuardedJob, type GuardedJob } from '../../database/sql/lock-guarded-job.ts';
import { endedSince, findTrip } from '../../domain/failure-breaker.ts';
import { setJobState } from '../set-job-state.ts';

/** After a commit with failures: pauses the job if it has too many. A kill before this leaves it to the next claim. */
export async function tripBreaker(database: Database, jobId: string): Promise<void> {
  await database.transaction(async (client) => {
    const job = await lockGuardedJob(client, jobId);
    // A job whose items have all ended has nothing left to be held up.
    if (job?.state === 'RUNNING' && job.pending + job.running > 0) await pauseIfTripped(client, job);
  });
}

/** True when the breaker of a locked, running job pauses it now. The first look after a resume sets what no longer counts. */
export async function pauseIfTripped(client: PoolClient, job: GuardedJob): Promise<boolean> {
  const { breaker } = job.settings;
  if (!breaker) return false;
  if (!job.baseline) {
    await client.query('update guard_rails set baseline = $2 where job_id = $1', [job.id, JSON.stringify(job.ended)]);
    return false;
  }
  const trip = findTrip(breaker, endedSince(job.ended, job.baseline));
  if (!trip) return false;
  await appendJobEvent(client, job.id, 'BreakerTripped', { generation: job.generation, ...trip });
  await setJobState(client, job, {
    to: 'PAUSING',
    by: 'longhaul',
    reason: 'BREAKER',
    message: `${trip.failed} of ${trip.ended} items failed${trip.stage === null ? '' : ` in ${trip.stage}`}.`,
  });
  return true;
}
