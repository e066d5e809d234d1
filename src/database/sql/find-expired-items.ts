import type { Pool } from 'pg';

/**
 * Up to `limit` jobs whose items have been kept for long enough after the job's end, `ttlMs` where their project says nothing.
 * Those with exports that are being written stay whole.
 */
export async function findExpiredItems(
  pool: Pool,
  { ttlMs, limit }: { ttlMs: number | null; limit: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select due.id from projects p cross join lateral (
       select j.id from jobs j
       where j.project_id = p.id and j.deleted_at is null and j.items_deleted_at is null
         and j.completed_at <= now() - make_interval(secs => coalesce(p.item_ttl_ms, $1) / 1000.0)
         and not exists (select from exports e where e.job_id = j.id and e.state in ('PENDING', 'RUNNING'))
       order by j.completed_at limit $2
     ) due
     where coalesce(p.item_ttl_ms, $1) is not null
     limit $2`,
    [ttlMs, limit],
  );
  return rows.map(({ id }) => id);
}
