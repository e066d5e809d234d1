import type { Pool, PoolClient } from 'pg';
import type { ItemFile } from '../../../domain/item-file.ts';
import type { FilePlace } from './file-place.ts';

/** A file of an item for those outside, and where it lies. */
export type KeptFile = ItemFile & FilePlace;

/** The columns of a file `f` of an item, as a `KeptFile`. */
export const keptFileColumns = `f.job_id as "jobId", (select project_id from jobs where jobs.id = f.job_id) as "projectId", f.id, f.index::float8 as index, f.name, f.file_name as "fileName", f.media_type as "mediaType",
  f.byte_size::float8 as "byteSize", f.sha256, f.media, f.destination_id as "destinationId", f.key, false as "isHalfWritten"`;

/** The files that stay with items of one or more jobs, item by item, each item's in the order in which they were made. */
export async function readKeptFiles(
  client: Pool | PoolClient,
  items: readonly { jobId: string; index: number }[],
): Promise<KeptFile[]> {
  const { rows } = await client.query<KeptFile>({
    name: 'read-kept-files',
    text: `select ${keptFileColumns}
           from unnest($1::uuid[], $2::bigint[]) as i (job_id, index)
           join item_files f on f.job_id = i.job_id and f.index = i.index
           where f.state = 'STORED' and f.is_kept
           order by f.job_id, f.index, f.id`,
    values: [items.map(({ jobId }) => jobId), items.map(({ index }) => index)],
  });
  return rows;
}
