import type { Pool } from 'pg';
import type { FilePlace } from './file-place.ts';

/** Forgets files that are deleted. */
export async function deleteItemFiles(pool: Pool, files: readonly FilePlace[]): Promise<void> {
  await pool.query({
    name: 'delete-item-files',
    text: `delete from item_files f using unnest($1::uuid[], $2::uuid[]) as gone (job_id, id)
           where f.job_id = gone.job_id and f.id = gone.id`,
    values: [files.map(({ jobId }) => jobId), files.map(({ id }) => id)],
  });
}
