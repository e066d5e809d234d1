import type { Pool } from 'pg';
import type { EarlierItems, FrozenJobSource } from '../../domain/job.ts';

export interface EarlierItem {
  index: number;
  /** JSON text: what came in or what came out. */
  payload: string | null;
}

/**
 * Up to `limit` items behind the index `after`. Null when the job is no longer as it ended: one statement sees job and items
 * at the same moment, and a purge or a retry takes none of them before it has changed the job.
 */
export async function readEarlierItems(
  pool: Pool,
  { jobId, items, endedAt }: FrozenJobSource,
  { after, limit }: { after: number; limit: number },
): Promise<EarlierItem[] | null> {
  const { rows } = await pool.query<EarlierItem | { index: null }>(
    `select page.index::float8 as index, page.payload
     from jobs j left join lateral (${pages[items]}) page on true
     where j.id = $1 and j.deleted_at is null and j.items_deleted_at is null and j.state in ('COMPLETED', 'CANCELED', 'FAILED')
       and date_trunc('milliseconds', j.completed_at) = $4
     order by page.index`,
    [jobId, after, limit, endedAt],
  );
  if (rows.length === 0) return null;
  return rows.filter((row): row is EarlierItem => row.index !== null);
}

const results = 'from item_results r where r.job_id = $1 and r.index > $2 and r.state';
const pages: Record<EarlierItems, string> = {
  ALL: 'select i.index, i.payload::text as payload from items i where i.job_id = $1 and i.index > $2 order by i.index limit $3',
  FAILED: `select r.index, i.payload::text as payload
     from (select r.index ${results} = 'FAILED' order by r.index limit $3) r join items i on i.job_id = $1 and i.index = r.index`,
  OUTPUTS: `select r.index, r.output::text as payload ${results} = 'SUCCEEDED' order by r.index limit $3`,
};
