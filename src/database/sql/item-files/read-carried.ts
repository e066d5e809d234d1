import type { Pool, PoolClient } from 'pg';
import type { ItemFile } from '../../../domain/item-file.ts';

/** What earlier stages of a generation left for an item. */
export interface Carried {
  index: number;
  files: ItemFile[];
  data: unknown;
}

/** Of the items `firstItem`..`lastItem`, both included, those that carry something. */
export async function readCarried(
  client: Pool | PoolClient,
  range: { jobId: string; generation: number; firstItem: number; lastItem: number },
): Promise<Carried[]> {
  const { rows } = await client.query<Carried>({
    name: 'read-carried',
    text: `select index::float8 as index, coalesce(f.files, '[]') as files, o.data
           from (select index, data from open_items where job_id = $1 and generation = $2 and index between $3 and $4) o
           full join (
             select index, jsonb_agg(jsonb_build_object('id', id, 'index', index, 'name', name, 'fileName', file_name, 'mediaType', media_type,
                      'byteSize', byte_size, 'sha256', sha256, 'media', media) order by id) as files
             from item_files where job_id = $1 and generation = $2 and index between $3 and $4 and state = 'STORED'
             group by index
           ) f using (index)`,
    values: [range.jobId, range.generation, range.firstItem, range.lastItem],
  });
  return rows;
}
