import type { Pool } from 'pg';

/** Up to `limit` exports whose files are due to be deleted, longest due first. */
export async function findExpiredExports(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select e.id from exports e join jobs j on j.id = e.job_id
     where e.state = 'COMPLETED' and e.expires_at <= now() and j.deleted_at is null
     order by e.expires_at limit $1`,
    [limit],
  );
  return rows.map((row) => row.id);
}
