import type { Pool } from 'pg';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/**
 * Files that have been unneeded for a while, and such as an attempt has begun that no longer holds its chunk: it died, and who took its
 * chunk over did not come to delete them. By then nobody writes them any more.
 */
export async function findStaleFiles(
  pool: Pool,
  { minAgeMs, limit }: { minAgeMs: number; limit: number },
): Promise<FilePlace[]> {
  const { rows } = await pool.query<FilePlace>(
    `select ${filePlaceColumns} from item_files
     where state <> 'STORED' and state_at < now() - $1 * interval '1 millisecond'
       and (state = 'GOING' or not exists (
         select from chunks c
         where c.job_id = item_files.job_id and c.stage = item_files.stage and c.generation = item_files.generation
           and c.index = item_files.chunk and c.attempt = item_files.attempt and c.state = 'RUNNING'))
     order by state_at limit $2`,
    [minAgeMs, limit],
  );
  return rows;
}
