import type { PoolClient } from 'pg';

/**
 * Makes the chunks of an item stage whose chunks begin as soon as the stage before is done with each: the same items, with as many items as it may
 * pass on. Those that are there already stay.
 */
export async function layLaneChunks(
  client: PoolClient,
  input: { jobId: string; from: number; to: number; generation: number },
): Promise<void> {
  await client.query(
    `insert into chunks (job_id, stage, generation, index, first_item, last_item, item_list, lock_keys, state, priority, remaining, retries)
     select job_id, $3, generation, index, first_item, last_item, item_list, lock_keys,
            case when remaining + succeeded = 0 then 'COMPLETED' else 'PENDING' end, priority, remaining + succeeded, retries
     from chunks where job_id = $1 and stage = $2 and generation = $4
     on conflict do nothing`,
    [input.jobId, input.from, input.to, input.generation],
  );
}
