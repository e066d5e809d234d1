import type { Pool } from 'pg';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/** Of these items, the files that are to be deleted, but for those of attempts that may still write them. */
export async function findUnneededFiles(pool: Pool, jobId: string, indexes: readonly number[]): Promise<FilePlace[]> {
  const { rows } = await pool.query<FilePlace>({
    name: 'find-unneeded-files',
    text: `select ${filePlaceColumns} from item_files
           where job_id = $1 and index = any($2::bigint[]) and state = 'GOING' and sha256 <> ''`,
    values: [jobId, indexes],
  });
  return rows;
}
