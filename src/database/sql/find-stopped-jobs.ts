import type { Pool } from 'pg';

/** Those of the jobs that should run nothing any more: they are no longer to run, or their time is over. */
export async function findStoppedJobs(pool: Pool, jobIds: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select asked.id from unnest($1::uuid[]) asked (id)
     left join jobs j on j.id = asked.id and j.deleted_at is null and j.state in ('RUNNING', 'COMPLETING')
       and not exists (select from guard_rails g where g.job_id = j.id and g.due_at <= clock_timestamp())
     where j.id is null`,
    [jobIds],
  );
  return rows.map((row) => row.id);
}
