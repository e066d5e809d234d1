import type { Pool } from 'pg';

/** Jobs whose deadline is to be warned of now. */
export async function findJobsToWarn(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select g.job_id as id from guard_rails g join jobs j on j.id = g.job_id and j.deleted_at is null
     where g.warn_at <= clock_timestamp() order by g.warn_at limit 500`,
  );
  return rows.map(({ id }) => id);
}
