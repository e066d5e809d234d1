import type { Pool, PoolClient } from 'pg';
import { itemColumns, type ItemRow } from './item-row.ts';

export interface ItemRange {
  jobId: string;
  /** Items with a greater index only; -1 for the first page. */
  after: number;
  limit: number;
}

/** The stage that the items without a result are in, or wait for. */
export interface ItemFront {
  stage: number;
  /** Where chunks go through several stages one by one, the first of them: a running item may be in any. Else the same. */
  firstStage: number;
  generation: number;
  /** The last ITEMS stage gives every item a result: an ended chunk of it holds none without. */
  isLast: boolean;
}

/**
 * Items in order, whatever their state. A page costs the same at any depth: its items are one range of an index, and "limit 1"
 * makes each result a look-up by its key, whatever the planner believes of a job that is newer than its statistics.
 */
export async function readItems(
  pool: Pool | PoolClient,
  range: ItemRange,
  front: ItemFront | null,
): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(
    `with running as materialized (
       select first_item, last_item, item_list from chunks
       where job_id = $1 and stage between $6 and $4 and generation = $5 and state = 'RUNNING'
     )
     select ${itemColumns},
       coalesce(r.state, case
         when (select state from jobs where id = $1) = 'CANCELED' then 'CANCELED'
         when exists (
           select 1 from running c where i.index between c.first_item and c.last_item and (c.item_list is null or i.index = any(c.item_list))) then 'RUNNING'
         else 'PENDING' end) as state
     from (select index, key, payload from items where job_id = $1 and index > $2 order by index limit $3) i
     left join lateral (select * from item_results where job_id = $1 and index = i.index limit 1) r on true
     order by i.index`,
    [range.jobId, range.after, range.limit, front?.stage ?? null, front?.generation ?? null, front?.firstStage ?? null],
  );
  return rows;
}
