import type { PoolClient } from 'pg';
import { readExportFailures } from '../database/sql/read-export-failures.ts';
import { readExportItems, type ExportedItem } from '../database/sql/read-export-items.ts';
import type { ExportedJob } from '../database/sql/open-export-snapshot.ts';
import type { ReadItems } from './sections.ts';

/** What an export is made from, as it was at one moment. Each list can be read as often as a format needs it. */
export interface ExportSource {
  job: ExportedJob;
  items: ReadItems;
  failures: ReadItems;
}

export interface ExportReading {
  /** In a transaction that sees one moment. */
  client: PoolClient;
  job: ExportedJob;
  /** Aborted before the connection is handed back: nothing may be read after that. */
  signal: AbortSignal;
  /** Awaited after each page. */
  onRows(rows: number): Promise<void>;
}

const pageSize = 2_000;

export function createExportSource({ client, job, signal, onRows }: ExportReading): ExportSource {
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

  return { job, items, failures };
}
