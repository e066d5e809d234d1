import type { PoolClient } from 'pg';

/**
 * Items of a job ended in a generation: what was carried from stage to stage is over, files that only stages needed may go, and those
 * of earlier generations. Part of the transaction that ends the items.
 */
export async function closeItems(
  client: PoolClient,
  { jobId, generation, indexes }: { jobId: string; generation: number; indexes: readonly number[] },
): Promise<void> {
  await client.query({
    name: 'close-items',
    text: `with closed as (
             delete from open_items where job_id = $1 and index = any($3::bigint[])
           )
           update item_files set state = 'GOING', state_at = clock_timestamp()
           where job_id = $1 and index = any($3::bigint[]) and state = 'STORED' and (not is_kept or generation < $2)`,
    values: [jobId, generation, indexes],
  });
}
