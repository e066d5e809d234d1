import type { Pool } from 'pg';
import type { FilePlace } from './file-place.ts';

/**
 * Files that have been unneeded for a while, and such as an attempt has begun that no longer holds its chunk: it died, and who took its
 * chunk over did not come to delete them. By then nobody writes them any more.
 */
export async function findStaleFiles(
  pool: Pool,
  { minAgeMs, limit }: { minAgeMs: number; limit: number },
): Promise<FilePlace[]> {
  const { rows } = await pool.query<FilePlace>(
    `select job_id as "jobId", id, destination_id as "destinationId", key from item_files f
     where state <> 'STORED' and state_at < now() - $1 * interval '1 millisecond'
       and (state = 'GOING' or not exists (
         select from chunks c
         where c.job_id = f.job_id and c.stage = f.stage and c.generation = f.generation and c.index = f.chunk
           and c.attempt = f.attempt and c.state = 'RUNNING'))
     order by state_at limit $2`,
    [minAgeMs, limit],
  );
  return rows;
}
