import type { Pool, PoolClient } from 'pg';
import type { ItemRow } from './item-row.ts';
import type { ItemFront, ItemRange } from './read-items.ts';

export type OpenState = 'PENDING' | 'RUNNING';

/** The columns of an item's result while there is none. */
export const noResult = `null::text as stage, null::int as generation, null::int as attempts, null::jsonb as output, null as error_code,
  null as error_field, null as error_message, null as fingerprint, null::int as duration_ms`;

/** State of the items of a chunk that have no result: $1 is the job, $4 the stage, $5 the generation, $8 the first stage that its lane goes through. */
export const itemStateOfChunk = `case when state = 'RUNNING' or ($8::smallint < $4 and exists (
    select from chunks l
    where l.job_id = $1 and l.stage >= $8::smallint and l.stage < $4 and l.generation = $5 and l.index = chunks.index and l.state = 'RUNNING'
  )) then 'RUNNING' else 'PENDING' end`;

/**
 * Items without a result, chunk by chunk in order. Chunks that cannot hold one are not looked into. "offset 0" keeps each
 * item's look-up by its key, which the planner would else turn into a join of all results of a job newer than its statistics.
 */
export async function readOpenItems(
  pool: Pool | PoolClient,
  range: ItemRange,
  front: ItemFront,
  states: readonly OpenState[],
): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(
    `select i.index, i.key, i.payload, ${noResult}, c.item_state as state
     from (
       select index, first_item, last_item, ${itemStateOfChunk} as item_state
       from chunks
       where job_id = $1 and stage = $4 and generation = $5 and last_item > $2
         and not ($6 and state in ('COMPLETED', 'FAILED'))
       order by index
     ) c
     cross join lateral (
       select index, key, payload from items
       where job_id = $1 and index > $2 and index between c.first_item and c.last_item and not exists (
         select from item_results r where r.job_id = $1 and r.index = items.index offset 0
       )
       order by index limit $3
     ) i
     where c.item_state = any($7)
     order by c.index, i.index limit $3`,
    [range.jobId, range.after, range.limit, front.stage, front.generation, front.isLast, states, front.firstStage],
  );
  return rows;
}

/** Items without a result while no chunks hold them: before the first are cut, and while a redrive selects its items. */
export async function readUnchunkedItems(pool: Pool | PoolClient, range: ItemRange): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(
    `select i.index, i.key, i.payload, ${noResult}, 'PENDING' as state
     from items i
     where i.job_id = $1 and i.index > $2 and not exists (
       select from item_results r where r.job_id = $1 and r.index = i.index offset 0
     )
     order by i.index limit $3`,
    [range.jobId, range.after, range.limit],
  );
  return rows;
}
