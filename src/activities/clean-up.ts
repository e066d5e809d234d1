import type { Logger } from 'pino';
import { deleteWholeQuotas } from '../database/sql/delete-whole-quotas.ts';
import { deleteUploads } from '../database/sql/delete-uploads.ts';
import { expireExport } from '../database/sql/expire-export.ts';
import { findExpiredExports } from '../database/sql/find-expired-exports.ts';
import { deleteItemFiles } from '../database/sql/item-files/delete-item-files.ts';
import { findStaleFiles } from '../database/sql/item-files/find-stale-files.ts';
import { postponeItemFiles } from '../database/sql/item-files/postpone-item-files.ts';
import { lockExpiredUploads } from '../database/sql/lock-expired-uploads.ts';
import { deleteTemplateFiles } from '../database/sql/templates/delete-template-files.ts';
import { lockUnusedTemplateFiles } from '../database/sql/templates/lock-unused-template-files.ts';
import { longestWindowMs } from '../domain/quota.ts';
import { exportStorageKey } from '../exports/storage-key.ts';
import { uploadKey } from '../sources/source-file.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { Storage } from '../storage/storage.ts';
import { expirePreviews } from '../templates/preview-key.ts';
import { templateFileKey } from '../templates/template-file-key.ts';
import { expireItems, expireJobs, type ExpireDeps } from './expire-jobs.ts';

export interface CleanUpDeps extends ExpireDeps {
  storage: Storage;
  stores: FileStores;
  log: Logger;
}

/** Jobs, exports, uploads and files of items that one call takes on, of each. */
const batchSize = 100;

/** By then an attempt that lost its chunk writes nothing any more: it learns of it by its heartbeat. */
const staleFileMs = 3_600_000;

/** A file is named by its template or job within seconds of its copy. */
const unusedFileMs = 3_600_000;

/**
 * Takes one batch of what has been kept for long enough: files of exports and uploads, items of jobs, jobs, files of items that nobody needs, quotas that
 * nobody uses; and with the last batch what writers left half-written. True when nothing is left. Files go first: a crash leaves a row that is found again,
 * never a file that nothing names.
 */
export async function cleanUp(deps: CleanUpDeps, limit = batchSize): Promise<boolean> {
  const { database, storage, stores, log } = deps;
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
  const stale = await findStaleFiles(database.pool, { minAgeMs: staleFileMs, limit });
  const gone = await stores.delete(stale);
  await deleteItemFiles(database.pool, gone);
  // A destination that does not answer must not fill every batch.
  await postponeItemFiles(
    database.pool,
    stale.filter((file) => !gone.includes(file)),
  );
  const templateFileIds = await database.transaction(async (client) => {
    const ids = await lockUnusedTemplateFiles(client, { minAgeMs: unusedFileMs, limit });
    for (const id of ids) await storage.delete(templateFileKey(id));
    await deleteTemplateFiles(client, ids);
    return ids;
  });
  const expired = {
    template_files: templateFileIds.length,
    previews: await expirePreviews(storage, limit),
    exports: exportIds.length,
    uploads: uploadIds.length,
    item_files: stale.length,
    jobs: await expireJobs(deps, limit),
    items_of_jobs: await expireItems(deps, limit),
    quotas: await deleteWholeQuotas(database.pool, longestWindowMs, limit),
  };
  const counts = Object.values(expired);
  if (counts.some((count) => count > 0)) log.info({ event: 'cleaned_up', ...expired });
  if (counts.includes(limit)) return false;
  await storage.deleteAbandoned();
  return true;
}
