import type { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { readJobFiles } from '../database/sql/item-files/read-job-files.ts';
import type { KeptFile } from '../database/sql/item-files/read-kept-files.ts';
import { readExportFailures } from '../database/sql/read-export-failures.ts';
import { readExportItems, type ExportedItem } from '../database/sql/read-export-items.ts';
import type { ExportedJob } from '../database/sql/open-export-snapshot.ts';
import { getJobType } from '../job-types/registry.ts';
import type { FileStores } from '../item-files/file-stores.ts';
import { openItemFile } from './open-item-file.ts';
import type { ReadItems } from './sections.ts';

/** What an export is made from, as it was at one moment. Each list can be read as often as a format needs it. */
export interface ExportSource {
  job: ExportedJob;
  items: ReadItems;
  failures: ReadItems;
  /** Files that the items left, item by item, page by page. */
  files(): AsyncIterable<KeptFile[]>;
  /** @throws ConflictError when it is lost, NotFoundError when its item has another one by now */
  openFile(file: KeptFile): Promise<Readable>;
}

export interface ExportReading {
  /** In a transaction that sees one moment. */
  client: PoolClient;
  /** That sees what is now. */
  pool: Pool;
  stores: FileStores;
  job: ExportedJob;
  /** Aborted before the connection is handed back: nothing may be read after that. */
  signal: AbortSignal;
  /** Awaited after each page. */
  onRows(rows: number): Promise<void>;
}

const pageSize = 2_000;
const filesPageSize = 100;

export function createExportSource({ client, pool, stores, job, signal, onRows }: ExportReading): ExportSource {
  const jobId = job.id;
  const openState = job.state === 'CANCELED' ? 'CANCELED' : 'PENDING';

  async function* items(behind: number) {
    for (let first = behind + 1; first < job.total; first += pageSize) {
      signal.throwIfAborted();
      const page = await readExportItems(client, { jobId, first, last: first + pageSize - 1, openState });
      signal.throwIfAborted();
      await onRows(page.length);
      yield page;
    }
  }

  async function* failures(behind: number) {
    let after: number | undefined = behind;
    while (after !== undefined) {
      signal.throwIfAborted();
      const page: ExportedItem[] = await readExportFailures(client, { jobId, after, limit: pageSize });
      signal.throwIfAborted();
      await onRows(page.length);
      yield page;
      after = page.length < pageSize ? undefined : page.at(-1)?.index;
    }
  }

  async function* files() {
    if (!getJobType(job.type).makesFiles) return;
    let after: KeptFile | null = null;
    do {
      signal.throwIfAborted();
      const page: KeptFile[] = await readJobFiles(client, { jobId, after, limit: filesPageSize });
      signal.throwIfAborted();
      yield page;
      after = page.length < filesPageSize ? null : (page.at(-1) ?? null);
    } while (after);
  }

  return { job, items, failures, files, openFile: (file) => openItemFile(pool, stores, file) };
}
