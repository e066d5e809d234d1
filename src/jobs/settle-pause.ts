import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { readLeaseMs } from '../database/sql/read-lease-ms.ts';
import { releaseRunningChunks } from '../database/sql/release-running-chunks.ts';
import { setJobState } from './set-job-state.ts';

/**
 * Ends the drain of a locked job that is pausing and of which nothing is in flight here. Who holds a chunk outside may bring it to its
 * end for as long as it was lent: then the job stays as it is, and the milliseconds until the last must be given back are answered.
 */
export async function settlePause(
  client: PoolClient,
  job: Pick<Job, 'id' | 'state' | 'pauseReason'>,
): Promise<number | null> {
  const heldMs = await readLeaseMs(client, job.id);
  if (heldMs > 0) return heldMs;
  await releaseRunningChunks(client, job.id);
  await setJobState(client, job, { to: 'PAUSED', by: 'longhaul', reason: job.pauseReason ?? 'USER' });
  return null;
}
