import { createReadStream } from 'node:fs';
import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { newId } from '../database/new-id.ts';
import { closeItems } from '../database/sql/item-files/close-items.ts';
import { deleteItemFiles } from '../database/sql/item-files/delete-item-files.ts';
import { findItemFile } from '../database/sql/item-files/find-item-file.ts';
import { findUnneededFiles } from '../database/sql/item-files/find-unneeded-files.ts';
import { insertItemFile } from '../database/sql/item-files/insert-item-file.ts';
import { keepItemFiles } from '../database/sql/item-files/keep-item-files.ts';
import { passItems } from '../database/sql/item-files/pass-items.ts';
import { readCarried } from '../database/sql/item-files/read-carried.ts';
import { takeDeadFiles } from '../database/sql/item-files/take-dead-files.ts';
import { takeUncommittedFiles } from '../database/sql/item-files/take-uncommitted-files.ts';
import type { ChunkMembers } from '../database/sql/read-chunk-items.ts';
import type { ChunkRef } from '../domain/activities.ts';
import { findDestinationId } from '../destinations/destination-id.ts';
import { NotFoundError, toError } from '../domain/errors.ts';
import { deliveryKey } from '../item-files/delivery-key.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import { itemFileKey } from '../item-files/item-file-key.ts';
import type { ItemFiles, ItemOutcome, WorkItem } from '../job-types/define-job-type.ts';
import type { EndedItem } from './run-items.ts';
import { SupersededError } from './superseded-error.ts';

/** What one attempt at a chunk does with files, in a job that makes them. */
export interface ChunkFiles {
  /** For `process`. */
  files: ItemFiles;
  /** Adds to items what earlier stages left for them. */
  bring(work: WorkItem<unknown>[], members: Omit<ChunkMembers, 'jobId'>): Promise<WorkItem<unknown>[]>;
  /** Part of the transaction that commits items: their files and what they pass on count from then on. @throws SupersededError */
  settle(client: PoolClient, items: readonly EndedItem<unknown>[], endedIndexes: readonly number[]): Promise<void>;
  /** Deletes what items that have ended do not need any more; what it does not come to is swept later. */
  deleteUnneeded(indexes: readonly number[]): Promise<void>;
  /** Deletes what was written and not committed. */
  close(): Promise<void>;
}

export interface ChunkFilesDeps {
  database: Database;
  stores: FileStores;
  projectId: string;
  log: Logger;
  chunk: ChunkRef;
  attempt: number;
  /** Ends writing. */
  signal: AbortSignal;
}

/**
 * A row is written before its file, and deleted after it. So whatever a killed process leaves is named by a row: a file that is being
 * written by the attempt that takes the chunk over, one that is not needed any more by the sweep of `cleanUp`.
 */
export function createChunkFiles(deps: ChunkFilesDeps): ChunkFiles {
  const { database, stores, projectId, log, chunk, attempt, signal } = deps;
  const { pool } = database;
  const { jobId, generation } = chunk;
  const written = new Set<string>();

  /** Storage or database may be away: then the sweep does it. */
  async function orLater(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      log.warn({ event: 'item_files_left', job_id: jobId, chunk: chunk.index, err: toError(thrown) });
    }
  }

  return {
    files: {
      put: async ({ index }, { name, fileName, mediaType, media, isKept, destinationId = null }, content) => {
        const id = newId();
        const key = destinationId === null ? itemFileKey(jobId, id) : deliveryKey({ jobId, id, index, fileName });
        const described = { id, index, name, fileName, mediaType, media: media ?? null };
        const file = { ...described, isKept, destinationId: toStoredId(destinationId), key };
        const storage = await stores.open({ projectId, ...file });
        if (!(await insertItemFile(pool, { chunk, attempt, file }))) throw superseded();
        written.add(id);
        const stream = typeof content === 'string' ? createReadStream(content) : content;
        return { ...described, ...(await storage.put(key, stream, { signal, contentType: mediaType })) };
      },
      open: async ({ id }) => {
        const file = await findItemFile(pool, { jobId, id });
        if (!file) throw new NotFoundError(`File ${id} of job ${jobId} is gone.`);
        return await (await stores.open(file)).get(file.key);
      },
    },

    bring: async (work, { firstItem, lastItem, itemList }) => {
      if (attempt > 1) {
        await orLater(async () => void (await stores.delete(await takeDeadFiles(pool, chunk, attempt))));
      }
      const carried = await readCarried(pool, { jobId, generation, firstItem, lastItem, itemList });
      const byIndex = new Map(carried.map((each) => [each.index, each]));
      return work.map((item) => {
        const found = byIndex.get(item.index);
        return found ? { ...item, files: found.files, data: found.data } : item;
      });
    },

    settle: async (client, items, endedIndexes) => {
      const succeeded = items.flatMap(({ item, outcome }) =>
        outcome.state === 'SUCCEEDED' ? [{ item, outcome }] : [],
      );
      const files = succeeded.flatMap(({ outcome }) => outcome.files ?? []);
      if (files.length > 0 && !(await keepItemFiles(client, jobId, files))) throw superseded();
      const ended = new Set(endedIndexes);
      const passed = succeeded
        .filter(({ item }) => !ended.has(item.index))
        .map(({ item, outcome }) => ({ index: item.index, data: toData(outcome.data) }));
      if (passed.length > 0) await passItems(client, { chunk, attempt, items: passed });
      if (endedIndexes.length > 0) await closeItems(client, { jobId, generation, indexes: endedIndexes });
    },

    deleteUnneeded: (indexes) =>
      orLater(async () => {
        if (indexes.length === 0) return;
        const places = await findUnneededFiles(pool, jobId, indexes);
        await deleteItemFiles(pool, await stores.delete(places));
      }),

    close: () =>
      orLater(async () => {
        if (written.size === 0) return;
        // Of a commit whose answer was lost only the database knows whether it was made.
        const places = await takeUncommittedFiles(pool, jobId, [...written]);
        await deleteItemFiles(pool, await stores.delete(places));
      }),
  };

  function superseded(): SupersededError {
    return new SupersededError(`chunk ${chunk.index} of job ${jobId}`, attempt);
  }
}

/** Of JSON that an item carries from one stage to the next; what is larger is a file. */
const maxDataBytes = 65_536;

/** @throws RangeError for an outcome that passes too much on */
export function assertSmallData(outcomes: readonly ItemOutcome<unknown>[]): void {
  for (const outcome of outcomes) {
    const bytes = outcome.state === 'SUCCEEDED' ? Buffer.byteLength(toData(outcome.data) ?? '') : 0;
    if (bytes <= maxDataBytes) continue;
    throw new RangeError(
      `An item passes at most ${maxDataBytes} bytes of JSON on to the next stage, not ${bytes}: store a file instead.`,
    );
  }
}

/** A client may have named a destination in either way. */
function toStoredId(destinationId: string | null): string | null {
  if (destinationId === null) return null;
  const id = findDestinationId(destinationId);
  if (id === null) throw new NotFoundError(`There is no destination ${JSON.stringify(destinationId)}.`);
  return id;
}

function toData(data: unknown): string | null {
  return data === undefined || data === null ? null : JSON.stringify(data);
}
