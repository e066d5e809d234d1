import type { Pool, PoolClient } from 'pg';
import type { ItemRow } from './item-row.ts';
import type { ItemFront, ItemRange } from './read-items.ts';
import { itemStateOfChunk, noResult, type OpenState } from './read-open-items.ts';

/** The same as `readOpenItems` for a job with a lock key, whose chunks lie across each other: what is open is sorted first. */
export async function readOpenKeyedItems(
  pool: Pool | PoolClient,
  range: ItemRange,
  front: ItemFront,
  states: readonly OpenState[],
): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(
    `select i.index, i.key, i.payload, ${noResult}, open.item_state as state
     from (
       select member.index, c.item_state
       from (
         select item_list, ${itemStateOfChunk} as item_state
         from chunks
         where job_id = $1 and stage = $4 and generation = $5 and last_item > $2
           and not ($6 and state in ('COMPLETED', 'FAILED'))
       ) c
       cross join lateral unnest(c.item_list) as member (index)
       where member.index > $2 and c.item_state = any($7)
       order by member.index
     ) open
     cross join lateral (select index, key, payload from items where job_id = $1 and index = open.index limit 1) i
     where not exists (select from item_results r where r.job_id = $1 and r.index = open.index offset 0)
     limit $3`,
    [range.jobId, range.after, range.limit, front.stage, front.generation, front.isLast, states, front.firstStage],
  );
  return rows;
}
