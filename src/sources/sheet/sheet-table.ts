import { createHash } from 'node:crypto';
import type { GoogleSheetSource } from '../../domain/job.ts';
import {
  ResponseTooLargeError,
  type CellValue,
  type SheetArea,
  type SheetsClient,
  type SheetTab,
} from '../../providers/google/sheets-client.ts';
import { checkColumnNames } from '../table-header.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { columnName } from '../xlsx/sheet-rows.ts';
import { toA1 } from './a1-range.ts';
import { toCellText } from './cell-text.ts';
import { resolveRange } from './resolve-range.ts';

/** A table in a tab: a row of names, and below it rows of values. */
export interface SheetTable {
  title: string;
  tab: SheetTab;
  /** All names, as the sheet has them; `startColumn` of the area is that of the first. */
  header: string[];
  /** Those of them that are read: others are written by Longhaul. */
  columns: string[];
  /** The row with the names, from 0. */
  headerRow: number;
  /** The rows below it. */
  area: SheetArea;
}

export interface TableRow {
  /** Of the tab, from 0. */
  row: number;
  /** At least one for each of the columns; more where there are values beside the table. */
  cells: string[];
}

/** A row as it was read, to see later whether it still is the same. */
export interface RowProof {
  /** Of the tab, from 0. */
  row: number;
  sha256: string;
}

export interface TablePage {
  /** Those that are not empty. */
  rows: TableRow[];
  /** Where the next page begins; the end of the area when there is none. */
  nextRow: number;
}

/** Somebody changed the table while it was read: what was read of it does not fit what comes. */
export class SheetChangedError extends UnreadableSourceError {
  constructor(what: string) {
    super(`The sheet was edited while it was read: ${what}. Try again when nobody edits it.`);
  }
}

/** So many cells are asked for at a time, about 2 MB, which Google recommends. */
const pageCells = 100_000;
const maxPageRows = 5_000;
/** A header further down is none. */
const maxRowsBeforeHeader = 100;

/** Finds the table that a source means. @throws DomainError, UnreadableSourceError when nothing names its columns */
export async function openTable(
  client: SheetsClient,
  { spreadsheetId, range, headerRow: givenRow, writeBack }: TableSource,
): Promise<SheetTable> {
  const spreadsheet = await client.describe(spreadsheetId);
  const { tab, area } = resolveRange(spreadsheet, range);
  const given = typeof givenRow === 'number' ? givenRow - 1 : null;
  if (given !== null && given >= tab.rowCount) {
    throw new UnreadableSourceError(
      `Row ${given + 1} should name the columns, but ${JSON.stringify(tab.title)} has ${tab.rowCount} rows.`,
    );
  }
  const startRow = given ?? area.startRow;
  const endRow = given === null ? Math.min(area.endRow, startRow + maxRowsBeforeHeader) : startRow + 1;
  const found = await client.read(spreadsheetId, [toA1(tab.title, { ...area, startRow, endRow })], 'SERIALS');
  const rows = found[0] ?? [];
  const at = rows.findIndex((row) => row.some((cell) => !isEmpty(cell)));
  if (at < 0) {
    throw new UnreadableSourceError(
      given === null
        ? `${JSON.stringify(tab.title)} holds nothing in ${toA1(tab.title, area)}: its first row should name the columns.`
        : `Row ${given + 1} of ${JSON.stringify(tab.title)} is empty: it should name the columns.`,
    );
  }
  const names = (rows[at] ?? []).map((cell) => toCellText(cell, undefined));
  const first = names.findIndex((name) => name.trim() !== '');
  const startColumn = area.startColumn + first;
  const header = checkColumnNames(names.slice(first), (index) => `Column ${columnName(startColumn + index)}`);
  const headerRow = startRow + at;
  const dataRow = Math.max(area.startRow, headerRow + 1);
  return {
    title: spreadsheet.title,
    tab,
    header,
    columns: header.filter((name) => !isWrittenBack(writeBack, name)),
    headerRow,
    area: { ...area, startColumn, startRow: dataRow, endRow: Math.max(area.endRow, dataRow) },
  };
}

export type TableSource = Pick<GoogleSheetSource, 'spreadsheetId' | 'range' | 'headerRow' | 'writeBack'>;

/** True for a column that Longhaul writes; however it is spelled. */
export function isWrittenBack(writeBack: GoogleSheetSource['writeBack'], column: string): boolean {
  if (!writeBack) return false;
  return Object.values(writeBack).some((name) => name !== null && isSameName(name, column));
}

/** True for names of columns that differ in case or outer spaces at most. */
export function isSameName(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** How many rows of a table are asked for at a time. */
export function pageRowsOf({ header }: SheetTable): number {
  return Math.max(1, Math.min(maxPageRows, Math.floor(pageCells / header.length)));
}

/**
 * Reads a page of a table from a row on. `last` is the row before it, as it was read: it is read again, and with it the
 * header, so that rows which were put in or taken away meanwhile are noticed. @throws SheetChangedError, DomainError
 */
export async function readPage(
  client: SheetsClient,
  { spreadsheetId, table, from, last, pageRows }: PageRequest,
): Promise<TablePage> {
  const { tab, area, headerRow } = table;
  const endRow = Math.min(area.endRow, from + pageRows);
  if (from >= endRow) return { rows: [], nextRow: area.endRow };
  const startRow = last ? last.row : from;
  const page = { ...area, startRow, endRow };
  const endColumn = area.startColumn + table.header.length;
  const header = { ...area, startRow: headerRow, endRow: headerRow + 1, endColumn };
  try {
    const [names, values] = await client.read(
      spreadsheetId,
      [toA1(tab.title, header), toA1(tab.title, page)],
      'SERIALS',
    );
    const isSame = table.header.every((name, at) => toCellText(names?.[0]?.[at], undefined).trim() === name);
    if (!isSame) throw new SheetChangedError('its header is another one now');
    const read = await toRows(client, { spreadsheetId, table, page, values: values ?? [] });
    if (!last) return { rows: read, nextRow: endRow };
    const [again, ...rows] = read;
    if (again?.row !== last.row || toProof(again).sha256 !== last.sha256) {
      throw new SheetChangedError(`row ${last.row + 1} is another one now`);
    }
    return { rows, nextRow: endRow };
  } catch (error) {
    if (!(error instanceof ResponseTooLargeError) || pageRows === 1) throw error;
    return await readPage(client, { spreadsheetId, table, from, last, pageRows: Math.ceil(pageRows / 4) });
  }
}

export interface PageRequest {
  spreadsheetId: string;
  table: SheetTable;
  /** From 0. */
  from: number;
  last: RowProof | null;
  pageRows: number;
}

/** What a row is known by when it is read again. */
export function toProof({ row, cells }: TableRow): RowProof {
  return { row, sha256: createHash('sha256').update(JSON.stringify(cells)).digest('hex') };
}

interface ReadValues {
  spreadsheetId: string;
  table: SheetTable;
  page: SheetArea;
  values: CellValue[][];
}

async function toRows(client: SheetsClient, { spreadsheetId, table, page, values }: ReadValues): Promise<TableRow[]> {
  const shown = await readShown(client, { spreadsheetId, table, page, values });
  const isRead = table.header.map((name) => table.columns.includes(name));
  return values.flatMap((cells, at) => {
    const texts = cells
      .map((cell, column) => toCellText(cell, shown(at, column)))
      .filter((_, column) => isRead[column] ?? true);
    const end = texts.findLastIndex((text) => text !== '') + 1;
    if (end === 0) return [];
    const length = Math.max(table.columns.length, end);
    return [{ row: page.startRow + at, cells: Array.from({ length }, (_, column) => texts[column] ?? '') }];
  });
}

/** Which numbers are dates shows only in how they look: asked for where there are numbers at all, in their columns alone. */
async function readShown(client: SheetsClient, { spreadsheetId, table, page, values }: ReadValues) {
  const numeric = new Set<number>();
  for (const cells of values) cells.forEach((cell, column) => typeof cell === 'number' && numeric.add(column));
  if (numeric.size === 0) return () => undefined;
  const [first, end] = [Math.min(...numeric), Math.max(...numeric) + 1];
  const part = { ...page, startColumn: page.startColumn + first, endColumn: page.startColumn + end };
  const [looks] = await client.read(spreadsheetId, [toA1(table.tab.title, part)], 'SHOWN');
  return (row: number, column: number): CellValue | undefined => looks?.[row]?.[column - first];
}

export function isEmpty(cell: CellValue | undefined): boolean {
  return cell === null || cell === undefined || cell === '';
}
