import type { PoolClient } from 'pg';
import type { JobEventData, JobEventType } from '../../domain/job-event.ts';

/**
 * Writes the next entry of a job's journal. The number is taken under the row lock of the job, which is held until the
 * transaction ends: so the order of numbers is the order of commits. Take this lock last: chunk, stage, job.
 */
export async function appendJobEvent<T extends JobEventType>(
  client: PoolClient,
  jobId: string,
  type: T,
  data: JobEventData[T],
): Promise<void> {
  await client.query(
    `with job as (
       update jobs
       set last_sequence = last_sequence + 1, updated_at = clock_timestamp(),
           settled_at = case when state in ('COMPLETED', 'CANCELED', 'FAILED') then clock_timestamp() end
       where id = $1
       returning id, last_sequence
     )
     insert into job_events (job_id, sequence, type, data, at)
     select id, last_sequence, $2, $3, clock_timestamp() from job`,
    [jobId, type, JSON.stringify(data)],
  );
}
