import type { Pool, PoolClient } from 'pg';
import type { ItemFile } from '../../../domain/item-file.ts';
import type { ChunkMembers } from '../read-chunk-items.ts';

/** What earlier stages of a generation left for an item. */
export interface Carried {
  index: number;
  files: ItemFile[];
  data: unknown;
}

/** Of the items of a chunk those that carry something. */
export async function readCarried(
  client: Pool | PoolClient,
  chunk: ChunkMembers & { generation: number },
): Promise<Carried[]> {
  const { firstItem, lastItem, itemList } = chunk;
  const within = itemList ? 'index = any($3::bigint[])' : 'index between $3 and $4';
  const { rows } = await client.query<Carried>({
    name: itemList ? 'read-carried-of-list' : 'read-carried',
    text: `select index::float8 as index, coalesce(f.files, '[]') as files, o.data
           from (select index, data from open_items where job_id = $1 and generation = $2 and ${within}) o
           full join (
             select index, jsonb_agg(jsonb_build_object('id', id, 'index', index, 'name', name, 'fileName', file_name, 'mediaType', media_type,
                      'byteSize', byte_size, 'sha256', sha256, 'media', media) order by id) as files
             from item_files where job_id = $1 and generation = $2 and ${within} and state = 'STORED'
             group by index
           ) f using (index)`,
    values: [chunk.jobId, chunk.generation, ...(itemList ? [itemList] : [firstItem, lastItem])],
  });
  return rows;
}
