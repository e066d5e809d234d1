import type { Pool } from 'pg';
import type { FilePlace } from './file-place.ts';

/** Lets files that could not be deleted now wait for as long again. */
export async function postponeItemFiles(pool: Pool, files: readonly FilePlace[]): Promise<void> {
  await pool.query(
    `update item_files f set state_at = clock_timestamp() from unnest($1::uuid[], $2::uuid[]) as waits (job_id, id)
     where f.job_id = waits.job_id and f.id = waits.id`,
    [files.map(({ jobId }) => jobId), files.map(({ id }) => id)],
  );
}
