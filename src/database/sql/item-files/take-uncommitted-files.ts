import type { Pool } from 'pg';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/** Gives up those of the files that no commit has made their items' own. */
export async function takeUncommittedFiles(pool: Pool, jobId: string, ids: readonly string[]): Promise<FilePlace[]> {
  const { rows } = await pool.query<FilePlace>({
    name: 'take-uncommitted-files',
    text: `update item_files set state = 'GOING', state_at = clock_timestamp()
           where job_id = $1 and id = any($2::uuid[]) and state = 'WRITING'
           returning ${filePlaceColumns}`,
    values: [jobId, ids],
  });
  return rows;
}
