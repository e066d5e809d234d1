import type { PoolClient } from 'pg';
import type { GuardRailSettings } from '../../domain/guard-rails.ts';

/** Counts a job's deadline from now on, with a warning when a tenth of the time is left; null takes it away. */
export async function setDeadline(
  client: PoolClient,
  jobId: string,
  deadline: GuardRailSettings['deadline'],
): Promise<void> {
  await client.query(
    `with job as (
       update jobs set deadline_at = greatest(clock_timestamp(), case when state = 'PENDING' then g.start_at end) + $2 * interval '1 minute'
       from guard_rails g where id = $1 and g.job_id = id
       returning id, deadline_at
     )
     update guard_rails set warn_at = job.deadline_at - $2 * interval '6 s' from job where job_id = job.id`,
    [jobId, deadline?.minutes ?? null],
  );
}
