import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { isOutage } from '../database/is-outage.ts';
import { claimExport, type ClaimedExport } from '../database/sql/claim-export.ts';
import { completeExport, type WrittenFile } from '../database/sql/complete-export.ts';
import { endFailedExport } from '../database/sql/end-failed-export.ts';
import { findFileTtl } from '../database/sql/find-file-ttl.ts';
import { findExportLeftovers } from '../database/sql/find-export-leftovers.ts';
import { hasChangedSince } from '../database/sql/has-changed-since.ts';
import { openExportSnapshot } from '../database/sql/open-export-snapshot.ts';
import { recordExportCheckpoint } from '../database/sql/record-export-checkpoint.ts';
import { recordExportProgress } from '../database/sql/record-export-progress.ts';
import { LimitExceededError, NotFoundError, toError } from '../domain/errors.ts';
import type { ExportCheckpoint } from '../domain/export.ts';
import { assertItems } from '../domain/job-state.ts';
import { countRows, openExportContent } from '../exports/export-content.ts';
import { createExportSource } from '../exports/export-source.ts';
import { exportFileName } from '../exports/file-name.ts';
import { exportFileKey, exportPartKey, exportPartsKey, exportStorageKey } from '../exports/storage-key.ts';
import { storeInParts } from '../exports/store-in-parts.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import type { Storage } from '../storage/storage.ts';
import { SupersededError } from './superseded-error.ts';

export interface ExportDeps {
  database: Database;
  storage: Storage;
  stores: FileStores;
  log: Logger;
  /** How long a file can be downloaded, where its project says nothing. */
  exportTtlMs: number;
  maxExportBytes: number;
  /** Size from which a part of a file is stored by itself, in bytes. */
  exportPartBytes?: number;
  /** How often progress is recorded, at most. */
  exportProgressMs?: number;
}

export interface ExportTask {
  exportId: string;
  heartbeat(details: { percent: number }): void;
  /** Whether the export ends with this error; another attempt may follow one that it does not. */
  isFinal(error: Error): boolean;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** Progress is recorded at most so often, and by steps of so many percent: a journal holds at most 20 entries of one attempt. */
const defaultProgressMs = 1_000;
const progressStep = 5;

/** Held in memory until it is stored; a crash costs the work on so many bytes at most. */
const defaultPartBytes = 8 * 2 ** 20;

/**
 * Writes the file of an export from one snapshot of its job, and ends the export with it. Goes on behind what an earlier attempt
 * has stored, when nothing of the job has changed since. Nothing happens when the export has ended or is gone. An error that
 * is final ends it as FAILED, with the reason: a ConflictError when there is nothing to export, a LimitExceededError when it
 * is too large. @throws what is not final
 */
export async function writeExport(deps: ExportDeps, task: ExportTask): Promise<void> {
  const { database, storage, log } = deps;
  const claimed = await claimExport(database.pool, task.exportId);
  if (!claimed) return await deleteLeftovers(deps, task.exportId);
  const key = exportFileKey(claimed);
  await deleteOrphans(storage, claimed);
  try {
    const file = await storeContent(deps, task, claimed, key);
    const { projectId } = claimed;
    const ttlMs = await findFileTtl(database.pool, { projectId, kind: 'exports', defaultMs: deps.exportTtlMs });
    const expiresAt = new Date(Date.now() + ttlMs);
    const completed = await database.transaction((client) => completeExport(client, claimed, { ...file, expiresAt }));
    if (!completed) throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
    log.info({ event: 'export_completed', job_id: claimed.jobId, export_id: claimed.id, bytes: file.byteSize });
  } catch (thrown) {
    const error = toError(thrown);
    // The commit may have been made though its answer was lost: only a refused one proves that nobody needs the file.
    if (error instanceof SupersededError) await storage.delete(key);
    if (!task.isFinal(error)) throw error;
    return await fail(deps, claimed, error);
  }
  await storage.delete(exportPartsKey(claimed.id));
}

/** What an attempt that died had stored and not told of: its file, or its next part. */
async function deleteOrphans(storage: Storage, claimed: ClaimedExport): Promise<void> {
  const dead = { id: claimed.id, attempt: claimed.attempt - 1 };
  await storage.delete(exportFileKey(dead));
  await storage.delete(exportPartKey(dead, (claimed.checkpoint?.parts.length ?? 0) + 1));
}

/** Ends what a crash cut off between the end of an export and the deletion of what it no longer needs. */
async function deleteLeftovers({ database, storage }: Pick<ExportDeps, 'database' | 'storage'>, id: string) {
  const leftovers = await findExportLeftovers(database.pool, id);
  if (leftovers === 'ALL') await storage.delete(exportStorageKey(id));
  if (leftovers === 'PARTS') await storage.delete(exportPartsKey(id));
}

async function storeContent(
  { database, storage, stores, maxExportBytes, exportPartBytes, exportProgressMs }: ExportDeps,
  task: ExportTask,
  claimed: ClaimedExport,
  key: string,
): Promise<Omit<WrittenFile, 'expiresAt'>> {
  return await database.transaction(async (client) => {
    const job = await openExportSnapshot(client, claimed.jobId);
    if (!job) throw new NotFoundError(`Job ${claimed.jobId} is gone.`);
    if (claimed.content !== 'AGGREGATES') assertItems(job);
    const from = await usableCheckpoint(client, storage, claimed);
    const asOfSequence = from?.asOfSequence ?? job.lastSequence;
    const reading = new AbortController();
    const signal = AbortSignal.any([reading.signal, task.signal]);
    const progress = createProgress(database, task, claimed, {
      expected: countRows(claimed, job),
      rows: from?.rows ?? 0,
      everyMs: exportProgressMs ?? defaultProgressMs,
    });
    const body = openExportContent(
      claimed,
      createExportSource({ client, pool: database.pool, stores, job, signal, onRows: progress.add }),
    );
    const limits = { maxBytes: maxExportBytes, signal: task.signal };
    try {
      const stored = await (body.kind === 'STREAM'
        ? storage.put(key, body.stream, limits)
        : storeInParts({
            ...limits,
            storage,
            sections: body.sections,
            from,
            key,
            partKey: (part) => exportPartKey(claimed, part),
            partBytes: exportPartBytes ?? defaultPartBytes,
            onPart: async (stood) => {
              const checkpoint = { ...stood, asOfSequence, rows: progress.rows() };
              if (await recordExportCheckpoint(database.pool, claimed, checkpoint)) return;
              throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
            },
          }));
      return { fileName: exportFileName(claimed, job.title), ...stored, asOfSequence };
    } catch (thrown) {
      if (thrown instanceof LimitExceededError) throw tooLarge(claimed.format, maxExportBytes);
      // Parts, and files of items, vanish under an attempt only when another one has the word or the job has gone on; the export itself is well.
      if (thrown instanceof NotFoundError) throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
      throw thrown;
    } finally {
      reading.abort();
      // Whoever read the rows left it behind: it has a connection of its own, which must be back before this ends.
      await progress.settled();
    }
  });
}

/** What earlier attempts stored, when this snapshot would give the same bytes and all of it is there; otherwise it is deleted. */
async function usableCheckpoint(
  client: PoolClient,
  storage: Storage,
  { id, jobId, checkpoint }: ClaimedExport,
): Promise<ExportCheckpoint | null> {
  if (checkpoint && !(await hasChangedSince(client, jobId, checkpoint.asOfSequence))) {
    const found = await Promise.all(checkpoint.parts.map(({ key }) => storage.head(key)));
    if (checkpoint.parts.every(({ byteSize }, at) => found[at]?.byteSize === byteSize)) return checkpoint;
  }
  await storage.delete(exportPartsKey(id));
  return null;
}

function tooLarge(format: string, limit: number): LimitExceededError {
  return new LimitExceededError(
    `As ${format} this export is larger than ${limit} bytes, the most that a file may have. Ask for fewer columns, for FAILURES, or for a format that packs (PARQUET, ZIP), or raise LONGHAUL_MAX_EXPORT_BYTES.`,
    { limit },
  );
}

/** Counts rows and records the share that is done. @throws SupersededError */
function createProgress(
  database: Database,
  task: ExportTask,
  claimed: ClaimedExport,
  { expected, rows: before, everyMs }: { expected: number; rows: number; everyMs: number },
) {
  let rows = before;
  let recorded = 0;
  let next = performance.now() + everyMs;
  let recording: Promise<unknown> = Promise.resolve();
  return {
    rows: () => rows,
    settled: () => recording.catch(() => undefined),
    async add(more: number): Promise<void> {
      rows += more;
      const percent = expected === 0 ? 0 : Math.min(99, Math.floor((rows / expected) * 100));
      if (performance.now() < next) return;
      next = performance.now() + everyMs;
      task.heartbeat({ percent });
      if (percent < recorded + progressStep) return;
      recorded = percent;
      const isRecorded = record(database, claimed, percent);
      recording = isRecorded;
      if (await isRecorded) return;
      throw new SupersededError(`export ${claimed.id}`, claimed.attempt);
    },
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

/** Ends an export that cannot be written, with the reason, and deletes what was written of it. @throws SupersededError */
async function fail({ database, storage, log }: ExportDeps, claimed: ClaimedExport, error: Error): Promise<void> {
  const { id, attempt } = claimed;
  const failed = await database.transaction((client) => endFailedExport(client, claimed, error.message));
  if (!failed) throw new SupersededError(`export ${id}`, attempt);
  await deleteLeftovers({ database, storage }, id);
  log.warn({ event: 'export_failed', export_id: id, error: error.message });
}
