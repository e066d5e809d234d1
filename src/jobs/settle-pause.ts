import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { releaseRunningChunks } from '../database/sql/release-running-chunks.ts';
import { setJobState } from './set-job-state.ts';

/** Ends the drain of a locked job that is pausing: nothing of it is in flight any more. */
export async function settlePause(client: PoolClient, job: Pick<Job, 'id' | 'state' | 'pauseReason'>): Promise<void> {
  await releaseRunningChunks(client, job.id);
  await setJobState(client, job, { to: 'PAUSED', by: 'longhaul', reason: job.pauseReason ?? 'USER' });
}
