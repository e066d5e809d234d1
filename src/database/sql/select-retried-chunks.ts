import type { PoolClient } from 'pg';
import { failedOfChunk } from './failed-of-chunk.ts';
import type { RedriveBatch, SelectedBatch } from './select-redrive.ts';

/**
 * The same for the items that failed in the chunks which are retried as this generation. Items of different chunks stay apart,
 * so that each new chunk knows how often its items were retried; they are cut in the order of the items, so that no two
 * overlap, but for those with a lock key: these keep together what their chunk held.
 */
export async function selectRetriedChunks(
  client: PoolClient,
  input: Omit<RedriveBatch, 'selection' | 'size'>,
): Promise<SelectedBatch> {
  const { rows } = await client.query<SelectedBatch>(
    `with picked as (
       select r.index, c.retries, c.lock_keys, (c.stage, c.generation, c.index)::text as origin
       from chunks c
       cross join lateral ${failedOfChunk('c')} r
       where c.job_id = $1 and c.retried_as = $2 and r.index > $6
       order by r.index limit $4
     ), gone as (
       delete from item_results r using picked where r.job_id = $1 and r.index = picked.index returning r.index
     ), compared as (
       select *, origin is distinct from lag(origin) over (order by index) as is_first from picked join gone using (index)
     ), numbered as (
       select *, case when lock_keys is null then count(*) filter (where is_first) over (order by index)
                      else dense_rank() over (order by origin) end - 1 as chunk
       from compared
     ), cut as (
       insert into chunks (job_id, stage, generation, index, first_item, last_item, item_list, lock_keys, state, priority, remaining, retries)
       select $1, $3, $2, chunk + (select coalesce(max(index) + 1, 0) from chunks where job_id = $1 and stage = $3 and generation = $2),
              min(index), max(index), case when min(lock_keys) is not null then array_agg(index order by index) end, min(lock_keys),
              'PENDING', $5, count(*), max(retries) + 1
       from numbered group by chunk
       returning remaining, last_item
     )
     select coalesce(sum(remaining), 0)::float8 as items, coalesce(max(last_item), -1)::float8 as last from cut`,
    [input.jobId, input.generation, input.stage, input.batch, input.priority, input.after],
  );
  return rows[0] ?? { items: 0, last: -1 };
}
