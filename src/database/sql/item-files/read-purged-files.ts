import type { PoolClient } from 'pg';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/** Files that go with these jobs, up to `limit`: ours, and at destinations those that no item was to keep. What was delivered there is its owner's. */
export async function readPurgedFiles(
  client: PoolClient,
  { jobIds, limit }: { jobIds: readonly string[]; limit: number },
): Promise<FilePlace[]> {
  const { rows } = await client.query<FilePlace>(
    `select ${filePlaceColumns} from item_files
     where job_id = any($1) and (destination_id is null or state <> 'STORED' or not is_kept)
     order by job_id, id limit $2`,
    [jobIds, limit],
  );
  return rows;
}
