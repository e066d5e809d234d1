import type { Pool, PoolClient } from 'pg';

export interface ChunkItem {
  index: number;
  key: string;
  payload: unknown;
}

/** The items that a chunk holds. */
export interface ChunkMembers {
  jobId: string;
  firstItem: number;
  lastItem: number;
  /** Null: all of the range. */
  itemList: readonly number[] | null;
}

/**
 * Items of a chunk that have not ended: in order, or in that of its list, the first `limit` of them. NOT IN reads the range's results
 * once and hashes them, whatever the planner believes; of a job that is newer than its statistics it expects no results, and an
 * anti-join would read all of them for each item.
 */
export async function readChunkItems(
  client: Pool | PoolClient,
  chunk: ChunkMembers & { limit?: number | undefined },
): Promise<ChunkItem[]> {
  const { jobId, firstItem, lastItem, itemList, limit = null } = chunk;
  const { rows } = itemList
    ? await client.query<ChunkItem>(listed, [jobId, itemList, limit])
    : await client.query<ChunkItem>(ranged, [jobId, firstItem, lastItem, limit]);
  return rows;
}

const ranged = `
select i.index::float8 as index, i.key, i.payload
from items i
where i.job_id = $1 and i.index between $2 and $3
  and i.index not in (select r.index from item_results r where r.job_id = $1 and r.index between $2 and $3)
order by i.index
limit $4`;

const listed = `
select i.index::float8 as index, i.key, i.payload
from unnest($2::bigint[]) with ordinality as member (index, place)
join items i on i.job_id = $1 and i.index = member.index
where i.index not in (select r.index from item_results r where r.job_id = $1 and r.index = any($2::bigint[]))
order by member.place
limit $3`;
