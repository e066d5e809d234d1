import type { FrozenSheetSource, SheetWriteBackColumns } from '../../domain/job.ts';
import type { SheetsClient } from '../../providers/google/sheets-client.ts';
import { toA1 } from './a1-range.ts';
import { toCellText } from './cell-text.ts';
import { isSameName, type SheetTable } from './sheet-table.ts';

/** What became of a row of a tab, from 0. */
export interface RowNews {
  row: number;
  state: string;
  link: string;
  error: string;
}

/** Where what is told stands: columns of the tab, from 0. */
export type WrittenColumns = { part: keyof SheetWriteBackColumns; column: number }[];

/**
 * The columns of a table that are written, by their names in the row of its header. Those that are not there are added behind
 * its last name, or behind whatever else stands to its right.
 */
export async function findWrittenColumns(
  client: SheetsClient,
  { spreadsheetId, writeBack }: Pick<FrozenSheetSource, 'spreadsheetId' | 'writeBack'>,
  { tab, headerRow }: SheetTable,
): Promise<WrittenColumns> {
  const wanted = (['state', 'link', 'error'] as const).flatMap((part) => {
    const name = writeBack?.[part] ?? null;
    return name === null ? [] : [{ part, name: name.trim() }];
  });
  const row = { startRow: headerRow, endRow: headerRow + 1 };
  const [header] = await client.read(
    spreadsheetId,
    [toA1(tab.title, { ...row, startColumn: 0, endColumn: tab.columnCount })],
    'SERIALS',
  );
  const names = (header?.[0] ?? []).map((cell) => toCellText(cell, undefined));
  const found = wanted.map((each) => ({ ...each, column: names.findIndex((name) => isSameName(name, each.name)) }));
  const missing = found.filter(({ column }) => column < 0);
  if (missing.length === 0) return found;

  const startColumn = await findFreeColumn(client, spreadsheetId, { tab, from: names.length });
  const endColumn = startColumn + missing.length;
  if (endColumn > tab.columnCount) await client.addColumns(spreadsheetId, tab.id, endColumn - tab.columnCount);
  missing.forEach((each, at) => (each.column = startColumn + at));
  const range = toA1(tab.title, { ...row, startColumn, endColumn });
  await client.write(spreadsheetId, [{ range, rows: [missing.map(({ name }) => name)] }]);
  return found;
}

/** Something without a name may stand there, and is not written over. */
async function findFreeColumn(
  client: SheetsClient,
  spreadsheetId: string,
  { tab, from }: { tab: SheetTable['tab']; from: number },
): Promise<number> {
  if (from >= tab.columnCount) return from;
  const area = { startRow: 0, endRow: tab.rowCount, startColumn: from, endColumn: tab.columnCount };
  const [rows] = await client.read(spreadsheetId, [toA1(tab.title, area)], 'SERIALS');
  return from + Math.max(0, ...(rows ?? []).map((row) => row.length));
}

/** Rows that follow each other become one range of a column. */
export function toWrites(
  tab: string,
  columns: WrittenColumns,
  news: readonly RowNews[],
): { range: string; rows: string[][] }[] {
  const runs: RowNews[][] = [];
  for (const each of news) {
    const run = runs.at(-1);
    if (run && run.at(-1)?.row === each.row - 1) run.push(each);
    else runs.push([each]);
  }
  return runs.flatMap((run) =>
    columns.map(({ part, column }) => {
      const startRow = run[0]?.row ?? 0;
      const area = { startRow, endRow: startRow + run.length, startColumn: column, endColumn: column + 1 };
      return { range: toA1(tab, area), rows: run.map((each) => [each[part]]) };
    }),
  );
}
