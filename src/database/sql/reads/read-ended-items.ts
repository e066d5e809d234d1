import type { Pool, PoolClient } from 'pg';
import type { FinalItemState } from '../../../domain/item-counts.ts';
import { itemColumns, type ItemRow } from './item-row.ts';
import type { ItemRange } from './read-items.ts';

export interface EndedItemFilter {
  states: readonly FinalItemState[];
  errorCode: string | null;
  fingerprint: string | null;
}

/**
 * Items that ended in one of these states, in order: one page of each state, merged. Those that did not succeed have an index of their own;
 * those that did are read along the primary key, past what failed between them.
 */
export async function readEndedItems(
  pool: Pool | PoolClient,
  range: ItemRange,
  filter: EndedItemFilter,
): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(
    `select ${itemColumns}, r.state
     from (
       select page.* from unnest($4::text[]) as wanted (state)
       cross join lateral (
         select * from item_results
         where job_id = $1 and state = wanted.state and state <> 'SUCCEEDED' and index > $2
           and ($5::text is null or error_code = $5) and ($6::text is null or fingerprint = $6)
         order by index limit $3
       ) page
       union all
       (
         select * from item_results
         where 'SUCCEEDED' = any($4) and job_id = $1 and state = 'SUCCEEDED' and index > $2
           and $5::text is null and $6::text is null
         order by index limit $3
       )
       order by index limit $3
     ) r
     cross join lateral (select key, payload, index from items where job_id = $1 and items.index = r.index limit 1) i
     order by r.index`,
    [range.jobId, range.after, range.limit, filter.states, filter.errorCode, filter.fingerprint],
  );
  return rows;
}
