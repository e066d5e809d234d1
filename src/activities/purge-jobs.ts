import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { deletePurgeBatch, lockPurgeBatch } from '../database/sql/purge-jobs-batch.ts';
import { exportStorageKey } from '../exports/storage-key.ts';
import { itemFilesKey } from '../item-files/item-file-key.ts';
import type { Storage } from '../storage/storage.ts';

export interface PurgeDeps {
  database: Database;
  storage: Storage;
  log: Logger;
}

/** Rows that one transaction deletes, about; measured in bench/purge.ts. */
const defaultBatchRows = 20_000;

/**
 * Deletes one bounded batch of the jobs that are due for it: many small ones, or a part of a large one. True when nothing is
 * left. Files go before the rows that name them.
 */
export async function purgeJobs({ database, storage, log }: PurgeDeps, batchRows = defaultBatchRows): Promise<boolean> {
  const purged = await database.transaction(async (client) => {
    const batch = await lockPurgeBatch(client, batchRows);
    for (const id of batch.exportIds) await storage.delete(exportStorageKey(id));
    for (const id of batch.filesOfJobIds) await storage.delete(itemFilesKey(id));
    return { ...batch, deletedRows: await deletePurgeBatch(client, batch, batchRows) };
  });
  const { jobIds, itemsOnlyIds, deletedRows } = purged;
  if (jobIds.length + itemsOnlyIds.length === 0) return true;
  log.info({ event: 'purged', jobs: jobIds.length, jobs_items_only: itemsOnlyIds.length, rows: deletedRows });
  return false;
}
