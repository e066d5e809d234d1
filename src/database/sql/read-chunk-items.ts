import type { Pool, PoolClient } from 'pg';

export interface ChunkItem {
  index: number;
  key: string;
  payload: unknown;
}

/** Items of a range that have not ended, in order. */
export async function readChunkItems(
  client: Pool | PoolClient,
  jobId: string,
  firstItem: number,
  lastItem: number,
): Promise<ChunkItem[]> {
  const { rows } = await client.query<ChunkItem>(
    `select i.index::float8 as index, i.key, i.payload
     from items i left join item_results r on r.job_id = $1 and r.index = i.index
     where i.job_id = $1 and i.index between $2 and $3 and r.index is null
     order by i.index`,
    [jobId, firstItem, lastItem],
  );
  return rows;
}
