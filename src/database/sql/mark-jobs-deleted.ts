import type { PoolClient } from 'pg';

/**
 * Deletes those of the jobs that have ended and that no unfinished job reads its items from; says which. They are invisible
 * from now on and their keys free again; who follows the project is told, and the purge takes the rows. Lock the jobs by a
 * statement before: only then does this one see every job that was submitted over them.
 */
export async function markJobsDeleted(client: PoolClient, jobIds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `with read as materialized (
       select j.source ->> 'jobId' as id from jobs j join stages s on s.job_id = j.id and s.position = 0
       where j.project_id in (select project_id from jobs where id = any($1))
         and j.state not in ('COMPLETED', 'CANCELED', 'FAILED') and j.deleted_at is null
         and s.state in ('PENDING', 'RUNNING') and j.source ->> 'jobId' is not null
     ), marked as (
       update jobs set deleted_at = clock_timestamp(), settled_at = clock_timestamp(),
         purge_at = clock_timestamp() + interval '1 minute', key = null
       where id = any($1) and deleted_at is null and state in ('COMPLETED', 'CANCELED', 'FAILED')
         and id::text not in (select id from read)
       returning id
     ), outcome as (
       update job_outcomes set is_deleted = true from marked where job_id = marked.id
     )
     select id from marked`,
    [jobIds],
  );
  return rows.map(({ id }) => id);
}
