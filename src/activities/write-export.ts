import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { isOutage } from '../database/is-outage.ts';
import { claimExport, type ClaimedExport } from '../database/sql/claim-export.ts';
import { completeExport } from '../database/sql/complete-export.ts';
import { endFailedExport } from '../database/sql/end-failed-export.ts';
import { openExportSnapshot } from '../database/sql/open-export-snapshot.ts';
import { recordExportProgress } from '../database/sql/record-export-progress.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import { countRows, openExportContent } from '../exports/export-content.ts';
import { createExportSource } from '../exports/export-source.ts';
import { exportFileName } from '../exports/file-name.ts';
import { exportFileKey } from '../exports/storage-key.ts';
import type { Storage, StoredObject } from '../storage/storage.ts';
import { SupersededError } from './superseded-error.ts';

export interface ExportDeps {
  database: Database;
  storage: Storage;
  log: Logger;
  /** How long a file can be downloaded. */
  exportTtlMs: number;
}

export interface ExportTask {
  exportId: string;
  heartbeat(details: { percent: number }): void;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** Progress is recorded at most so often, and by steps of so many percent: a journal holds at most 20 entries of one attempt. */
const progressMs = 1_000;
const progressStep = 5;

/**
 * Writes the file of an export from one snapshot of its job, and ends the export with it. Nothing happens when it has ended
 * or is gone. @throws ConflictError when there is nothing to export; anything else may pass
 */
export async function writeExport(deps: ExportDeps, task: ExportTask): Promise<void> {
  const { database, storage, log } = deps;
  const claimed = await claimExport(database.pool, task.exportId);
  if (!claimed) return;
  const key = exportFileKey(claimed);
  // An attempt that died between storing its file and completing the export left it behind.
  await storage.delete(exportFileKey({ ...claimed, attempt: claimed.attempt - 1 }));
  try {
    const { fileName, stored } = await storeContent(deps, task, claimed, key);
    const file = { fileName, ...stored, expiresAt: new Date(Date.now() + deps.exportTtlMs) };
    const completed = await database.transaction((client) => completeExport(client, claimed, file));
    if (!completed) throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
    log.info({ event: 'export_completed', job_id: claimed.jobId, export_id: claimed.id, bytes: stored.byteSize });
  } catch (thrown) {
    const error = toError(thrown);
    // The commit may have been made though its answer was lost: only a refused one proves that nobody needs the file.
    if (error instanceof SupersededError) await storage.delete(key);
    throw error;
  }
}

async function storeContent(
  { database, storage }: ExportDeps,
  task: ExportTask,
  claimed: ClaimedExport,
  key: string,
): Promise<{ fileName: string; stored: StoredObject }> {
  return await database.transaction(async (client) => {
    const job = await openExportSnapshot(client, claimed.jobId);
    if (!job) throw new NotFoundError(`Job ${claimed.jobId} is gone.`);
    const reading = new AbortController();
    const signal = AbortSignal.any([reading.signal, task.signal]);
    const onRows = createProgress(database, task, claimed, countRows(claimed, job));
    try {
      const content = openExportContent(claimed, createExportSource({ client, job, signal, onRows }));
      const stored = await storage.put(key, content, { signal: task.signal });
      return { fileName: exportFileName(claimed, job.title), stored };
    } finally {
      reading.abort();
    }
  });
}

/** Counts rows and records the share that is done. @throws SupersededError */
function createProgress(database: Database, task: ExportTask, claimed: ClaimedExport, expected: number) {
  let rows = 0;
  let recorded = 0;
  let next = performance.now() + progressMs;
  return async (more: number): Promise<void> => {
    rows += more;
    const percent = expected === 0 ? 0 : Math.min(99, Math.floor((rows / expected) * 100));
    if (performance.now() < next) return;
    next = performance.now() + progressMs;
    task.heartbeat({ percent });
    if (percent < recorded + progressStep) return;
    recorded = percent;
    if (await record(database, claimed, percent)) return;
    throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
  };
}

/** True also when the database has no connection left for this: progress is not worth the export. */
async function record(database: Database, claimed: ClaimedExport, percent: number): Promise<boolean> {
  try {
    return await database.transaction((client) => recordExportProgress(client, claimed, percent));
  } catch (thrown) {
    const error = toError(thrown);
    if (isOutage(error)) return true;
    throw error;
  }
}

/** Ends an export that cannot be written, with the reason. */
export async function failExport(
  { database, log }: Pick<ExportDeps, 'database' | 'log'>,
  { exportId, message }: { exportId: string; message: string },
): Promise<void> {
  await database.transaction((client) => endFailedExport(client, exportId, message));
  log.warn({ event: 'export_failed', export_id: exportId, error: message });
}
