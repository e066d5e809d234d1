import type { Database } from '../database/database.ts';
import { purgeJobBatch } from '../database/sql/purge-job-batch.ts';
import type { Storage } from '../storage/storage.ts';
import { exportStorageKey } from '../exports/storage-key.ts';

/** Rows that one transaction deletes. */
const batchRows = 20_000;

/** Deletes one bounded batch of a deleted job; true when nothing but its own row is left, or not even that. */
export async function purgeJob(
  { database, storage }: { database: Database; storage: Storage },
  jobId: string,
): Promise<boolean> {
  const { rows: exports } = await database.pool.query<{ id: string }>(
    'select e.id from exports e join jobs j on j.id = e.job_id where e.job_id = $1 and j.deleted_at is not null',
    [jobId],
  );
  for (const { id } of exports) await storage.delete(exportStorageKey(id));
  return await database.transaction((client) => purgeJobBatch(client, jobId, batchRows));
}
