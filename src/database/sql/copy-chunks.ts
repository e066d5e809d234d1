import type { PoolClient } from 'pg';

/** Makes the chunks of an item stage from those of the one before, as far as they are before `endItem`: same ranges, with the items that it passed on. Those that are there already stay. */
export async function copyChunks(
  client: PoolClient,
  input: { jobId: string; from: number; to: number; generation: number; endItem: number },
): Promise<void> {
  await client.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, item_list, lock_keys, state, priority, remaining, retries)
     select job_id, $3, generation, index, first_item, last_item, item_list, lock_keys,
            case when succeeded = 0 then 'COMPLETED' else 'PENDING' end, priority, succeeded, retries
     from chunks where job_id = $1 and stage = $2 and generation = $4 and last_item < $5::bigint
     on conflict do nothing`,
    [input.jobId, input.from, input.to, input.generation, input.endItem],
  );
}
