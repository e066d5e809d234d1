import type { Pool } from 'pg';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/** Where a file lies that an item has; null when it has gone. */
export async function findItemFile(
  pool: Pool,
  { jobId, id }: { jobId: string; id: string },
): Promise<FilePlace | null> {
  const { rows } = await pool.query<FilePlace>({
    name: 'find-item-file',
    text: `select ${filePlaceColumns} from item_files where job_id = $1 and id = $2 and state = 'STORED'`,
    values: [jobId, id],
  });
  return rows[0] ?? null;
}
