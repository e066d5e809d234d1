import type { Pool } from 'pg';

/** Deletes up to `limit` quotas that are whole again, as those are that were not used for `windowMs`, and answers how many. */
export async function deleteWholeQuotas(pool: Pool, windowMs: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from quotas where (project_id, holder, name) in (
       select project_id, holder, name from quotas where at < clock_timestamp() - $1 * interval '1 ms' limit $2 for update skip locked)`,
    [windowMs, limit],
  );
  return rowCount ?? 0;
}
