import type { PoolClient } from 'pg';
import type { Job } from '../entities/job.ts';
import { appendJobEvent } from './append-job-event.ts';

/** Gives up the items of a locked job that has ended: nobody sees them from now on, and the purge takes them. */
export async function markItemsDeleted(client: PoolClient, job: Pick<Job, 'id' | 'total'>): Promise<void> {
  await client.query(
    'update jobs set items_deleted_at = clock_timestamp(), purge_at = clock_timestamp() where id = $1',
    [job.id],
  );
  await appendJobEvent(client, job.id, 'ItemsDeleted', { items: job.total });
}
