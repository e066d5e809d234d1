import type { PoolClient } from 'pg';
import type { GuardedJob } from '../../database/sql/lock-guarded-job.ts';

/** Stores when time next changes a locked job, for the chunks that run until then and for who looks after lost workflows. */
export async function storeDue(client: PoolClient, job: GuardedJob, dueAt: number | null): Promise<void> {
  await client.query('update guard_rails set due_at = $2, replan = false where job_id = $1', [
    job.id,
    dueAt === null ? null : new Date(dueAt),
  ]);
}
