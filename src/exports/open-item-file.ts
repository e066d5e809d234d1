import type { Readable } from 'node:stream';
import type { Pool } from 'pg';
import { findKeptFile } from '../database/sql/item-files/find-kept-file.ts';
import type { KeptFile } from '../database/sql/item-files/read-kept-files.ts';
import { ConflictError, NotFoundError } from '../domain/errors.ts';
import { explainLost } from '../item-files/explain-lost.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import { nullWhenNotFound } from '../item-files/null-when-not-found.ts';

/**
 * Opens a file that an item has in a snapshot of its job.
 * @throws ConflictError when it is lost, NotFoundError when the item has another one by now: then the snapshot is too old
 */
export async function openItemFile(pool: Pool, stores: FileStores, file: KeptFile): Promise<Readable> {
  const storage = await stores.open(file).catch(nullWhenNotFound);
  if (!storage) throw lost(file, 'DISCONNECTED');
  const content = await storage.get(file.key).catch(nullWhenNotFound);
  if (content) return content;
  if (await findKeptFile(pool, file)) throw lost(file, 'DELETED');
  throw new NotFoundError(`File ${file.id} of job ${file.jobId} was replaced.`);
}

function lost(file: KeptFile, why: Parameters<typeof explainLost>[1]): ConflictError {
  return new ConflictError(`${explainLost(file, why)} An export of another format needs no files.`);
}
