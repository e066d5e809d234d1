import type { Pool } from 'pg';

/** The first `limit` items of each of the jobs, as their job type has them. */
export async function readFirstItems(
  pool: Pick<Pool, 'query'>,
  jobIds: readonly string[],
  limit: number,
): Promise<{ jobId: string; payload: unknown }[]> {
  const { rows } = await pool.query<{ jobId: string; payload: unknown }>(
    `select job.id as "jobId", first.payload from unnest($1::uuid[]) job (id)
     cross join lateral (select payload from items i where i.job_id = job.id order by i.index limit $2) first`,
    [jobIds, limit],
  );
  return rows;
}
