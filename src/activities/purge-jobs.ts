import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { deleteItemFiles } from '../database/sql/item-files/delete-item-files.ts';
import { readPurgedFiles } from '../database/sql/item-files/read-purged-files.ts';
import { deletePurgeBatch, lockPurgeBatch, type PurgeBatch } from '../database/sql/purge-jobs-batch.ts';
import { exportStorageKey } from '../exports/storage-key.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import { itemFilesKey } from '../item-files/item-file-key.ts';
import type { Storage } from '../storage/storage.ts';

export interface PurgeDeps {
  database: Database;
  storage: Storage;
  stores: FileStores;
  log: Logger;
}

export interface PurgeLimits {
  /** Rows that one transaction deletes, about; measured in bench/purge.ts. */
  rows: number;
  /** Files of items that go within one transaction: five requests of S3, some 20 s at Google. */
  files: number;
}

const defaultLimits: PurgeLimits = { rows: 20_000, files: 5_000 };

/**
 * Deletes one bounded batch of the jobs that are due for it: many small ones, or a part of a large one. True when nothing is
 * left. Files go before the rows that name them.
 */
export async function purgeJobs(deps: PurgeDeps, limits: Partial<PurgeLimits> = {}): Promise<boolean> {
  const { database, storage, log } = deps;
  const { rows, files } = { ...defaultLimits, ...limits };
  const purged = await database.transaction(async (client) => {
    const batch = await lockPurgeBatch(client, rows);
    for (const id of batch.exportIds) await storage.delete(exportStorageKey(id));
    const deletedFiles = await deleteFiles(deps, client, batch, files);
    const deletedRows = deletedFiles === files ? 0 : await deletePurgeBatch(client, batch, rows);
    return { ...batch, deletedFiles, deletedRows };
  });
  const { jobIds, itemsOnlyIds, deletedFiles, deletedRows } = purged;
  if (jobIds.length + itemsOnlyIds.length === 0) return true;
  const counts = { jobs: jobIds.length, jobs_items_only: itemsOnlyIds.length, files: deletedFiles, rows: deletedRows };
  log.info({ event: 'purged', ...counts });
  return false;
}

/** Up to `limit`, each with its row: a purge that dies goes on with those that are left. */
async function deleteFiles(
  { storage, stores }: PurgeDeps,
  client: PoolClient,
  { filesOfJobIds: jobIds }: PurgeBatch,
  limit: number,
): Promise<number> {
  if (jobIds.length === 0) return 0;
  const files = await readPurgedFiles(client, { jobIds, limit });
  await stores.delete(files);
  // Also of those at a destination that does not answer: nobody else will know of them.
  await deleteItemFiles(client, files);
  // A writer that was taken for dead may have stored one since.
  if (files.length < limit) for (const id of jobIds) await storage.delete(itemFilesKey(id));
  return files.length;
}
