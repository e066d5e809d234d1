import type { Pool } from 'pg';
import { keptFileColumns, type KeptFile } from './read-kept-files.ts';

/** A file that stays with its item, of a job that is there; null when there is none. */
export async function findKeptFile(pool: Pool, { jobId, id }: { jobId: string; id: string }): Promise<KeptFile | null> {
  const { rows } = await pool.query<KeptFile>({
    name: 'find-kept-file',
    text: `select ${keptFileColumns}
           from item_files f join jobs j on j.id = f.job_id and j.deleted_at is null and j.items_deleted_at is null
           where f.job_id = $1 and f.id = $2 and f.state = 'STORED' and f.is_kept`,
    values: [jobId, id],
  });
  return rows[0] ?? null;
}
