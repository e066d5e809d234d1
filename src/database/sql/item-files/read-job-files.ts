import type { PoolClient } from 'pg';
import { keptFileColumns, type KeptFile } from './read-kept-files.ts';

/** The files that stay with the items of a job, item by item: the first `limit` behind `after`, or of all where that is null. */
export async function readJobFiles(
  client: PoolClient,
  page: { jobId: string; after: Pick<KeptFile, 'index' | 'id'> | null; limit: number },
): Promise<KeptFile[]> {
  const { rows } = await client.query<KeptFile>(
    `select ${keptFileColumns} from item_files f
     where f.job_id = $1 and f.state = 'STORED' and f.is_kept and ($2::bigint is null or (f.index, f.id) > ($2, $3::uuid))
     order by f.index, f.id limit $4`,
    [page.jobId, page.after?.index ?? null, page.after?.id ?? null, page.limit],
  );
  return rows;
}
