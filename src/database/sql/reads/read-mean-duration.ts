import type { Pool } from 'pg';

/** Milliseconds that the project's last 20 jobs ran on average, without pauses; null when none has ended. */
export async function readMeanDuration(pool: Pool, projectId: string): Promise<number | null> {
  const { rows } = await pool.query<{ mean: number | null }>(
    `select avg(duration_ms)::float8 as mean from (
       select duration_ms from job_outcomes where project_id = $1 and duration_ms is not null order by ended_at desc limit 20
     ) last`,
    [projectId],
  );
  return rows[0]?.mean ?? null;
}
