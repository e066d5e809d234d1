import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { JobEntity, type Job } from '../entities/job.ts';

/** Locks a job's row until the transaction ends and reads it; null when it is not there or deleted. */
export async function lockJob(client: PoolClient, em: EntityManager, jobId: string): Promise<Job | null> {
  const { rows } = await client.query<Record<string, unknown>>(
    'select * from jobs where id = $1 and deleted_at is null for update',
    [jobId],
  );
  const [row] = rows;
  return row ? em.map(JobEntity, row) : null;
}
