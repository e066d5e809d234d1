import type { PoolClient } from 'pg';
import type { Job } from '../../database/entities/job.ts';
import type { Line } from '../line.ts';
import { runAgain } from '../run-again.ts';
import { resetBreaker } from './renew-guard-rails.ts';

/** Lets the rest of a locked job run, when its turn in line has come; the item stages that the canary came through open again for it. */
export async function approveCanary(
  client: PoolClient,
  job: Job,
  { line, by }: { line: Line; by: string },
): Promise<void> {
  await client.query(`update guard_rails set canary_state = 'APPROVED' where job_id = $1`, [job.id]);
  await client.query(`update stages set state = 'PENDING' where job_id = $1 and kind = 'ITEMS' and state = 'RUNNING'`, [
    job.id,
  ]);
  await resetBreaker(client, job.id);
  await runAgain(client, line, job, { by, message: 'The canary was approved.' });
}
