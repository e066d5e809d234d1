import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { deleteUploads } from '../database/sql/delete-uploads.ts';
import { expireExport } from '../database/sql/expire-export.ts';
import { findExpiredExports } from '../database/sql/find-expired-exports.ts';
import { lockExpiredUploads } from '../database/sql/lock-expired-uploads.ts';
import { exportStorageKey } from '../exports/storage-key.ts';
import { uploadKey } from '../sources/source-file.ts';
import type { Storage } from '../storage/storage.ts';

export interface CleanUpDeps {
  database: Database;
  storage: Storage;
  log: Logger;
}

/** Exports and uploads that one call takes on. */
const batchSize = 100;

/**
 * Deletes the files of one batch of expired exports and uploads, and with the last batch what writers left half-written.
 * True when nothing is left. Files go first: a crash leaves a row that is found again, never a file that nothing names.
 */
export async function cleanUp({ database, storage, log }: CleanUpDeps, limit = batchSize): Promise<boolean> {
  const exportIds = await findExpiredExports(database.pool, limit);
  for (const id of exportIds) {
    await storage.delete(exportStorageKey(id));
    await database.transaction((client) => expireExport(client, id));
  }
  const uploadIds = await database.transaction(async (client) => {
    const ids = await lockExpiredUploads(client, limit);
    for (const id of ids) await storage.delete(uploadKey(id));
    await deleteUploads(client, ids);
    return ids;
  });
  if (exportIds.length + uploadIds.length > 0) {
    log.info({ event: 'cleaned_up', exports: exportIds.length, uploads: uploadIds.length });
  }
  if (exportIds.length === limit || uploadIds.length === limit) return false;
  await storage.deleteAbandoned();
  return true;
}
