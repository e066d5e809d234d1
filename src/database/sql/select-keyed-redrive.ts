import type { PoolClient } from 'pg';
import { lockKeyPath } from '../../domain/lock-key.ts';
import { lockKeySql, packByKey } from './pack-by-key.ts';
import { takeBackFailures, type RedriveBatch, type SelectedBatch } from './select-redrive.ts';

/** The same as `selectRedrive` for a job with a lock key: its batch is cut by what its items lock. */
export async function selectKeyedRedrive(
  client: PoolClient,
  input: RedriveBatch & { lockKey: string },
): Promise<SelectedBatch> {
  const { rows } = await client.query<SelectedBatch>(
    `with ${takeBackFailures.sql}, source as (
       select index, ${lockKeySql('i.payload', '$10')} as key from gone join items i using (index) where i.job_id = $1
     ), ${packByKey({ items: 'source', size: '$4::int' })}, cut as (
       insert into chunks (job_id, stage, generation, index, first_item, last_item, item_list, lock_keys, state, priority, remaining)
       select $1, $3, $2, place + (select coalesce(max(index) + 1, 0) from chunks where job_id = $1 and stage = $3 and generation = $2),
              (select min(index) from unnest(members) index), (select max(index) from unnest(members) index), members, keys,
              'PENDING', $6, cardinality(members)
       from packed
       returning remaining, last_item
     )
     select coalesce(sum(remaining), 0)::float8 as items, coalesce(max(last_item), -1)::float8 as last from cut`,
    [...takeBackFailures.values(input), lockKeyPath(input.lockKey)],
  );
  return rows[0] ?? { items: 0, last: -1 };
}
