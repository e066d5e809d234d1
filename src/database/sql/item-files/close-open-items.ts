import type { PoolClient } from 'pg';

/** The same for all items of a job that have not ended, and never will. */
export async function closeOpenItems(client: PoolClient, jobId: string): Promise<void> {
  await client.query(
    `with closed as (
       delete from open_items where job_id = $1
     )
     update item_files set state = 'GOING', state_at = clock_timestamp()
     where job_id = $1 and state = 'STORED' and not is_kept`,
    [jobId],
  );
}
