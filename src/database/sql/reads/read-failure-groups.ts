import type { Pool, PoolClient } from 'pg';
import { itemColumns, type ItemRow } from './item-row.ts';

/** A group beside its first item. */
export interface FailureGroupRow extends ItemRow {
  group_name: string;
  count: string;
}

export interface FailureGroupCursor {
  count: number;
  fingerprint: string;
}

/** Failed items by fingerprint, the largest group first. Reads the job's failures, not its items. */
export async function readFailureGroups(
  pool: Pool | PoolClient,
  input: { jobId: string; after: FailureGroupCursor | null; limit: number },
): Promise<FailureGroupRow[]> {
  const { rows } = await pool.query<FailureGroupRow>(
    `with groups as (
       select coalesce(fingerprint, error_code, 'UNKNOWN') as group_name, count(*) as count, min(index) as example
       from item_results where job_id = $1 and state = 'FAILED'
       group by 1
     ), page as (
       select * from groups
       where $2::bigint is null or count < $2 or (count = $2 and group_name > $3 collate "C")
       order by count desc, group_name collate "C" limit $4
     )
     select page.group_name, page.count, ${itemColumns}, r.state
     from page
     cross join lateral (select * from item_results where job_id = $1 and index = page.example limit 1) r
     cross join lateral (select * from items where job_id = $1 and index = page.example limit 1) i
     order by page.count desc, page.group_name collate "C"`,
    [input.jobId, input.after?.count ?? null, input.after?.fingerprint ?? null, input.limit],
  );
  return rows;
}
