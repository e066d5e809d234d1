import type { ItemFront, ItemRange } from './read-items.ts';

export type OpenState = 'PENDING' | 'RUNNING';

/** Values of a statement over `openChunks`. */
export function openChunkValues(range: ItemRange, front: ItemFront, states: readonly OpenState[]): unknown[] {
  return [range.jobId, range.after, range.limit, front.stage, front.generation, front.isLast, states, front.firstStage];
}

/**
 * A relation of the chunks of job $1, stage $4, generation $5 that may hold items behind $2 without a result, those in the state
 * `item_state`; of the last stage ($6) chunks that have ended hold none. Items run too while their chunk does in an earlier stage, from $8 on.
 */
export const openChunks = `(
       select index, first_item, last_item, item_list, case when state = 'RUNNING' or ($8::smallint < $4 and exists (
           select from chunks l
           where l.job_id = $1 and l.stage >= $8::smallint and l.stage < $4 and l.generation = $5 and l.index = chunks.index and l.state = 'RUNNING'
         )) then 'RUNNING' else 'PENDING' end as item_state
       from chunks
       where job_id = $1 and stage = $4 and generation = $5 and last_item > $2
         and not ($6 and state in ('COMPLETED', 'FAILED'))
     )`;
