import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import type { SheetsClient } from '../providers/google/sheets-client.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import { toCsvHeader, toCsvRows } from '../sources/sheet/sheet-csv.ts';
import {
  openTable,
  pageRowsOf,
  readPage,
  SheetChangedError,
  toProof,
  type RowProof,
  type SheetTable,
} from '../sources/sheet/sheet-table.ts';
import { uploadKey } from '../sources/source-file.ts';
import type { UrlAccess } from '../sources/url/url-access.ts';
import { createLineCounter } from '../uploads/line-counter.ts';
import { createFetching, type FetchClaim, type FetchedFile, type FetchingDeps, type FetchTask } from './fetching.ts';

/** Readings from the first row, of a sheet that somebody edits meanwhile. */
const maxReadings = 4;

const cursorSchema = z.object({
  /** The next row of the tab, from 0. */
  row: z.number(),
  /** What is kept of the rows before it. */
  bytes: z.number(),
  sha256: z.string(),
  rows: z.number(),
  last: z.object({ row: z.number(), sha256: z.string() }).nullable(),
});
type Cursor = z.infer<typeof cursorSchema>;

/**
 * Fetches the rows of a Google Sheet, page by page, into a CSV. After a crash it goes on behind the last page that is known
 * to be kept; when the sheet was changed in what was read already, it begins anew, so that no two versions of it are mixed.
 */
export async function fetchSheet(
  deps: FetchingDeps & { urlAccess: Pick<UrlAccess, 'maxBytes'>; sheets: SheetAccess },
  task: FetchTask,
  claim: FetchClaim<'googleSheet'>,
): Promise<StepOutcome> {
  const { storage } = deps;
  const { source, projectId } = claim;
  const { spreadsheetId, accountId } = source;
  const fetching = createFetching(deps, task, claim);
  const key = uploadKey(source.uploadId);

  async function fetchWhole(stop: AbortSignal): Promise<FetchedFile> {
    const request = { projectId, accountId, intent: 'READ' as const, consumer: task.jobId, signal: stop };
    return await deps.sheets.use(request, async (client) => {
      let cursor = await findCursor();
      for (let readings = 1; ; readings += 1) {
        try {
          return await readTable(client, cursor, stop);
        } catch (thrown) {
          const error = toError(thrown);
          if (!(error instanceof SheetChangedError) || readings >= maxReadings) throw error;
          deps.log.info({ event: 'sheet_changed', job_id: task.jobId, reason: error.message });
          cursor = null;
        }
      }
    });
  }

  /** Where an earlier attempt stopped, when as much as it noted is there. */
  async function findCursor(): Promise<Cursor | null> {
    const cursor = cursorSchema.safeParse(claim.metadata['cursor']).data ?? null;
    return cursor && (await storage.draftSize(key)) >= cursor.bytes ? cursor : null;
  }

  async function readTable(client: SheetsClient, cursor: Cursor | null, stop: AbortSignal): Promise<FetchedFile> {
    const table = await openTable(client, source);
    const lines = createLineCounter();
    const hash = createHash('sha256');
    const watch = (bytes: Buffer) => {
      lines.count(bytes);
      hash.update(bytes);
    };
    const digest = () => hash.copy().digest('hex');
    const pages = readPages(client, { table, cursor, digest });
    // One page at a time: when the next is asked for, the one before is written.
    const content = Readable.from(pages, { objectMode: false, highWaterMark: 1 });
    const { maxBytes } = deps.urlAccess;
    const draft = await storage.write(key, content, { offset: cursor?.bytes ?? 0, maxBytes, signal: stop, watch });
    return { draft, fileName: fileNameOf(table), lineCount: lines.total(), format: async () => 'CSV' };
  }

  interface Reading {
    table: SheetTable;
    cursor: Cursor | null;
    /** Of all that was written. */
    digest(): string;
  }

  async function* readPages(client: SheetsClient, { table, cursor, digest }: Reading): AsyncGenerator<Buffer> {
    // What is there may be of another attempt, which read another version.
    if (cursor && digest() !== cursor.sha256) throw new SheetChangedError('another attempt read other rows');
    const header = toCsvHeader(table);
    let place = { row: table.area.startRow, bytes: header.length, rows: 0, ...cursor };
    let last: RowProof | null = cursor?.last ?? null;
    await note(table, place, cursor);
    if (!cursor) yield header;
    const pageRows = pageRowsOf(table);
    while (place.row < table.area.endRow) {
      const page = await readPage(client, { spreadsheetId, table, from: place.row, last, pageRows });
      const bytes = toCsvRows(page.rows);
      // Everything before this page is written by now, and nothing of it.
      await note(table, place, { ...place, sha256: digest(), last });
      const lastRow = page.rows.at(-1);
      if (lastRow) last = toProof(lastRow);
      place = { row: page.nextRow, bytes: place.bytes + bytes.length, rows: place.rows + page.rows.length };
      if (bytes.length > 0) yield bytes;
    }
    await note(table, place, null);
  }

  async function note(table: SheetTable, { rows, bytes }: { rows: number; bytes: number }, cursor: Cursor | null) {
    const sheet = { title: table.title, tab: table.tab.title, columns: table.columns, headerRow: table.headerRow + 1 };
    await fetching.note({ sheet, rowsFetched: rows, bytesFetched: bytes, bytesToFetch: null, cursor });
  }

  return await fetching.run(fetchWhole);
}

/** "Ideas - May.csv" */
function fileNameOf({ title, tab }: SheetTable): string {
  const name = `${title} - ${tab.title}`.replace(/[\p{Cc}/\\]+/gu, ' ').trim();
  return `${name.slice(0, maxFileName)}.csv`;
}

const maxFileName = 150;
