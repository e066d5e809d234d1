import type { Pool, PoolClient } from 'pg';

export interface ChunkItem {
  index: number;
  key: string;
  payload: unknown;
}

/**
 * Items of a range that have not ended, in order, the first `limit` of them. NOT IN reads the range's results once and hashes them, whatever the planner
 * believes; of a job that is newer than its statistics it expects no results, and an anti-join would read all of them for each item.
 */
export async function readChunkItems(
  client: Pool | PoolClient,
  jobId: string,
  firstItem: number,
  lastItem: number,
  limit: number | null = null,
): Promise<ChunkItem[]> {
  const { rows } = await client.query<ChunkItem>(
    `select i.index::float8 as index, i.key, i.payload
     from items i
     where i.job_id = $1 and i.index between $2 and $3
       and i.index not in (select r.index from item_results r where r.job_id = $1 and r.index between $2 and $3)
     order by i.index
     limit $4`,
    [jobId, firstItem, lastItem, limit],
  );
  return rows;
}
