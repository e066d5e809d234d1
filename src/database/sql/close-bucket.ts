import type { Pool } from 'pg';
import type { BucketId } from './lock-bucket.ts';

/**
 * Closes a provider's bucket for `forMs` milliseconds from now, never for less than it is closed already. `jobTypes` are those
 * that use the provider: followers of the project's running jobs of them are told.
 */
export async function closeBucket(
  pool: Pool,
  { projectId, name }: BucketId,
  { forMs, reason, jobTypes }: { forMs: number; reason: string; jobTypes: readonly string[] },
): Promise<void> {
  await pool.query(
    `with closed as (
       insert into buckets (project_id, name, lanes, closed_until, closed_reason)
       values ($1, $2, '{}', clock_timestamp() + $3 * interval '1 ms', $4)
       on conflict (project_id, name) do update
         set closed_until = excluded.closed_until, closed_reason = excluded.closed_reason
         where buckets.closed_until is null or buckets.closed_until < excluded.closed_until - interval '100 ms'
       returning 1
     ), told as (
       select id from jobs, closed
       where project_id = $1 and state = 'RUNNING' and type = any ($5)
       order by id for update of jobs skip locked
     )
     update jobs set updated_at = clock_timestamp() from told where jobs.id = told.id`,
    [projectId, name, forMs, reason, jobTypes],
  );
}
