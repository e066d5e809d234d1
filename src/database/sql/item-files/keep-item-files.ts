import type { PoolClient } from 'pg';
import type { ItemFile } from '../../../domain/item-file.ts';

/**
 * Makes written files their items' own, each in place of the one that its item had under the same name. Part of the commit of their
 * chunk. False when one of them is gone.
 */
export async function keepItemFiles(client: PoolClient, jobId: string, files: readonly ItemFile[]): Promise<boolean> {
  const { rows } = await client.query<{ kept: number }>({
    name: 'keep-item-files',
    text: `with kept as (
             update item_files f set state = 'STORED', state_at = clock_timestamp(), byte_size = w.byte_size, sha256 = w.sha256
             from unnest($2::uuid[], $3::bigint[], $4::text[]) as w (id, byte_size, sha256)
             where f.job_id = $1 and f.id = w.id and f.state = 'WRITING'
             returning f.index, f.name
           ), replaced as (
             update item_files f set state = 'GOING', state_at = clock_timestamp()
             from kept where f.job_id = $1 and f.index = kept.index and f.name = kept.name and f.state = 'STORED'
           )
           select count(*)::int as kept from kept`,
    values: [
      jobId,
      files.map(({ id }) => id),
      files.map(({ byteSize }) => byteSize),
      files.map(({ sha256 }) => sha256),
    ],
  });
  return rows[0]?.kept === files.length;
}
