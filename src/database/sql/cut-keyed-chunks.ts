import type { PoolClient } from 'pg';
import { lockKeyPath } from '../../domain/lock-key.ts';
import { lockKeySql, packByKey } from './pack-by-key.ts';

/**
 * The same as `cutChunks` for a job with a lock key: chunks hold items of few values each, so that many can run at a time.
 * They come behind those that the stage has.
 */
export async function cutKeyedChunks(
  client: PoolClient,
  input: {
    jobId: string;
    stage: number;
    size: number;
    firstItem: number;
    endItem: number;
    priority: number;
    lockKey: string;
  },
): Promise<void> {
  await client.query(
    `with source as (
       select index, ${lockKeySql('payload', '$7')} as key from items
       where job_id = $1 and index >= $4 and index < $5
         and index not in (select index from item_results where job_id = $1 and state = 'FAILED' and index >= $4 and index < $5)
     ), ${packByKey({ items: 'source', size: '$3::int' })}
     insert into chunks (job_id, stage, generation, index, first_item, last_item, item_list, lock_keys, state, priority, remaining)
     select $1, $2, 0, place + (select coalesce(max(index) + 1, 0) from chunks where job_id = $1 and stage = $2 and generation = 0),
            (select min(index) from unnest(members) index), (select max(index) from unnest(members) index), members, keys,
            'PENDING', $6, cardinality(members)
     from packed`,
    [input.jobId, input.stage, input.size, input.firstItem, input.endItem, input.priority, lockKeyPath(input.lockKey)],
  );
}
