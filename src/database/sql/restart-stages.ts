import type { PoolClient } from 'pg';
import type { Job } from '../entities/job.ts';

/**
 * Prepares a job that ended for another run and returns its generation. A job with a stage that broke off keeps its generation
 * and that stage waits again; one whose stages all ended begins the next generation with all of them waiting.
 */
export async function restartStages(client: PoolClient, job: Pick<Job, 'id' | 'failed'>): Promise<number> {
  const { rows } = await client.query<{ generation: number }>(
    `with open as (
       select exists (select from stages where job_id = $1 and state not in ('COMPLETED', 'SKIPPED')) as broken
     ), job as (
       update jobs set generation = generation + case when broken then 0 else 1 end, aggregates = null, problems = null
       from open where id = $1
       returning generation, broken
     ), restarted as (
       update stages set state = 'PENDING', generation = job.generation, error = null, retry_at = null, completed_at = null, started_at = null,
         total = case when broken then total when position = 0 then $2::bigint end,
         completed = case when broken then completed else 0 end,
         failed = case when broken then failed else 0 end
       from job
       where job_id = $1 and (not broken or state not in ('COMPLETED'))
     )
     select generation from job`,
    [job.id, job.failed],
  );
  const [row] = rows;
  if (!row) throw new Error(`Job ${job.id} vanished while it was locked.`);
  return row.generation;
}
