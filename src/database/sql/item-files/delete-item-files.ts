import type { Pool, PoolClient } from 'pg';
import type { FilePlace } from './file-place.ts';

/** Forgets files that are deleted. */
export async function deleteItemFiles(client: Pool | PoolClient, files: readonly FilePlace[]): Promise<void> {
  await client.query({
    name: 'delete-item-files',
    text: `delete from item_files f using unnest($1::uuid[], $2::uuid[]) as gone (job_id, id)
           where f.job_id = gone.job_id and f.id = gone.id`,
    values: [files.map(({ jobId }) => jobId), files.map(({ id }) => id)],
  });
}
