import type { PoolClient } from 'pg';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { findExpiredItems } from '../database/sql/find-expired-items.ts';
import { findReader } from '../database/sql/find-reader.ts';
import { lockExpiredJobs } from '../database/sql/lock-expired-jobs.ts';
import { lockJob } from '../database/sql/lock-job.ts';
import { markItemsDeleted } from '../database/sql/mark-items-deleted.ts';
import { markJobsDeleted } from '../database/sql/mark-jobs-deleted.ts';
import { isTerminal } from '../domain/job-state.ts';

export interface ExpireDeps {
  database: Database;
  config: Pick<Config, 'jobTtlMs' | 'itemTtlMs'>;
}

/** Deletes one batch of jobs that have been kept for as long as their project wants, as `deleteJob` does. Says how many. */
export async function expireJobs({ database, config }: ExpireDeps, limit: number): Promise<number> {
  return await database.transaction(async (client) => {
    const jobIds = await lockExpiredJobs(client, { ttlMs: config.jobTtlMs, limit });
    return (await markJobsDeleted(client, jobIds)).length;
  });
}

/** Gives up the items of one batch of jobs, each with an entry in its journal. Says of how many. */
export async function expireItems({ database, config }: ExpireDeps, limit: number): Promise<number> {
  let expired = 0;
  for (const id of await findExpiredItems(database.pool, { ttlMs: config.itemTtlMs, limit })) {
    if (await database.transaction((client) => expireItemsOf(client, database, id))) expired += 1;
  }
  return expired;
}

/** False when the job runs again, is gone, or is read by another one. */
async function expireItemsOf(client: PoolClient, database: Database, jobId: string): Promise<boolean> {
  const job = await lockJob(client, database.em(), jobId);
  if (!job || !isTerminal(job.state) || job.itemsDeletedAt) return false;
  if ((await findReader(client, job.projectId, job.id)) !== null) return false;
  await markItemsDeleted(client, job);
  return true;
}
