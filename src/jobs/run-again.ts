import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import type { Line } from './line.ts';
import { setJobState, type StateChange } from './set-job-state.ts';

/** Lets a locked job that stood still run again: at once, or PENDING until its turn has come. */
export async function runAgain(
  client: PoolClient,
  line: Line,
  job: Pick<Job, 'id' | 'state' | 'pauseReason' | 'priority'>,
  told: Pick<StateChange, 'by' | 'message'>,
): Promise<void> {
  await line.join(client, job);
  await setJobState(client, job, { to: (await line.mayStart(client, job)) ? 'RUNNING' : 'PENDING', ...told });
}
