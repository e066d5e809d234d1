import type { PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { appendJobEvent } from '../database/sql/append-job-event.ts';
import { claimWriteBack, type WriteBackClaim } from '../database/sql/claim-write-back.ts';
import { endWriteBack } from '../database/sql/end-write-back.ts';
import { noteWriteBack } from '../database/sql/note-write-back.ts';
import { readExportItems } from '../database/sql/read-export-items.ts';
import { toError } from '../domain/errors.ts';
import type { FrozenSheetSource } from '../domain/job.ts';
import type { WriteBackCursor } from '../domain/write-back.ts';
import { getJobType } from '../job-types/registry.ts';
import type { SheetsClient } from '../providers/google/sheets-client.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import { openTable, pageRowsOf, readPage, type TableRow } from '../sources/sheet/sheet-table.ts';
import { findWrittenColumns, toWrites, type RowNews } from '../sources/sheet/written-columns.ts';
import { createRowMatch } from './match-row.ts';
import { SupersededError } from './superseded-error.ts';

export interface WriteBackDeps {
  database: Database;
  sheets: SheetAccess;
  log: Logger;
}

export interface WriteBackTask {
  jobId: string;
  /** Whether the write-back ends with this error; another attempt may follow one that it does not. */
  isFinal(error: Error): boolean;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

type SheetClaim = WriteBackClaim & { source: FrozenSheetSource };

/** Rows that are read, compared and written at a time; a crash costs the work on so many. */
const maxPageRows = 2_000;
/** So many rows with conflicts are named. */
const maxConflictRows = 20;

/**
 * Tells the sheet that the items of a job came from what became of them: state, link and error, beside each row that still is
 * the one that its item came from. Writing twice writes the same, so a crash does no harm. An error that is final ends it with
 * a journal entry; it never fails the job. @throws what is not final
 */
export async function writeBack(deps: WriteBackDeps, task: WriteBackTask): Promise<void> {
  const { database, log } = deps;
  const claim = await claimWriteBack(database.pool, task.jobId);
  if (claim?.source.kind !== 'googleSheet') return;
  const { jobId } = claim;
  const end = async (tell: (client: PoolClient) => Promise<void>) =>
    await database.transaction(async (client) => {
      if (!(await endWriteBack(client, claim))) throw superseded(claim);
      await tell(client);
    });
  try {
    const { written, conflicts, conflictRows } = await writeRows(deps, task, { ...claim, source: claim.source });
    await end((client) => appendJobEvent(client, jobId, 'SheetWritten', { written, conflicts, conflictRows }));
    log.info({ event: 'sheet_written', job_id: jobId, written, conflicts });
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof SupersededError || !task.isFinal(error)) throw error;
    await end((client) => appendJobEvent(client, jobId, 'SheetWriteFailed', { error: error.message }));
    log.warn({ event: 'sheet_write_failed', job_id: jobId, error: error.message });
  }
}

function superseded({ jobId, attempt }: WriteBackClaim): SupersededError {
  return new SupersededError(`the write-back of job ${jobId}`, attempt);
}

async function writeRows(deps: WriteBackDeps, task: WriteBackTask, claim: SheetClaim): Promise<WriteBackCursor> {
  const { source, projectId, total } = claim;
  const begin = { index: 0, written: 0, conflicts: 0, conflictRows: [] };
  // A job that was refused, or whose items are deleted, has nothing to tell.
  if (total === 0) return { row: 0, ...begin };
  const { accountId, spreadsheetId } = source;
  const request = { projectId, accountId, intent: 'WRITE' as const, consumer: task.jobId, signal: task.signal };
  return await deps.sheets.use(request, async (client) => {
    const table = await openTable(client, source);
    const columns = await findWrittenColumns(client, source, table);
    const tellPage = createPageTeller(deps.database, claim, table.columns);
    const rowsAtATime = Math.min(maxPageRows, pageRowsOf(table));
    let cursor: WriteBackCursor = claim.cursor ?? { row: table.area.startRow, ...begin };
    while (cursor.row < table.area.endRow && cursor.index < total) {
      const request = { spreadsheetId, table, from: cursor.row, last: null, pageRows: rowsAtATime };
      const { rows, nextRow } = await readPage(client, request);
      const { news, conflicts } = await tellPage(rows.slice(0, total - cursor.index), cursor.index);
      await write(client, spreadsheetId, toWrites(table.tab.title, columns, news));
      cursor = {
        row: nextRow,
        index: cursor.index + news.length + conflicts.length,
        written: cursor.written + news.length,
        conflicts: cursor.conflicts + conflicts.length,
        conflictRows: [...cursor.conflictRows, ...conflicts].slice(0, maxConflictRows),
      };
      if (!(await noteWriteBack(deps.database.pool, { ...claim, cursor }))) throw superseded(claim);
    }
    // Their rows are no longer there.
    return { ...cursor, conflicts: cursor.conflicts + total - cursor.index };
  });
}

async function write(client: SheetsClient, spreadsheetId: string, writes: ReturnType<typeof toWrites>): Promise<void> {
  if (writes.length > 0) await client.write(spreadsheetId, writes);
}

/** Makes the function that says for rows, of which the first belongs to item `first`, what became of them, and which are others by now. */
function createPageTeller(database: Database, claim: SheetClaim, columns: readonly string[]) {
  const jobType = getJobType(claim.jobType);
  const isOf = createRowMatch(jobType, { ...claim, columns });
  return async (rows: readonly TableRow[], first: number) => {
    const range = { jobId: claim.jobId, first, last: first + rows.length - 1, openState: 'PENDING' };
    const items = await database.transaction((client) => readExportItems(client, range));
    const news: RowNews[] = [];
    const conflicts: number[] = [];
    rows.forEach(({ row, cells }, at) => {
      const item = items[at];
      if (!item || !isOf(cells, item)) return conflicts.push(row + 1);
      const { state, errorCode, errorMessage } = item;
      const link = state === 'SUCCEEDED' ? jobType.link?.(toLinked(item.input, item.output)) : null;
      const error = state === 'FAILED' ? `${errorCode}: ${errorMessage}` : '';
      return news.push({ row, state, link: link ?? '', error });
    });
    return { news, conflicts };
  };
}

function toLinked(input: string, output: string | null) {
  const parse = (text: string) => JSON.parse(text) as Record<string, unknown>; // An item and its output are objects.
  return { input: parse(input), output: output === null ? {} : parse(output) };
}
