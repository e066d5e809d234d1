import type { SheetArea } from '../../providers/google/sheets-client.ts';
import { columnName } from '../xlsx/sheet-rows.ts';

/** A range as people write it: cells of a tab, cells of the first tab, or a name of a tab or of a range. */
export interface A1Range {
  tab: string | null;
  /** A side that is left open has no number. */
  cells: Partial<SheetArea> | null;
}

/** Reads "Ideas!A1:J50", "'My ideas'!A:J", "A2:C", "1:20", "Ideas" or "'Ideas'"; null when it is none of them. */
export function parseA1(text: string): A1Range | null {
  const given = text.trim();
  const [, quoted, plain, rest] = /^(?:'((?:[^']|'')+)'|([^'!]+))?(?:!(.*))?$/s.exec(given) ?? [];
  const tab = quoted?.replaceAll("''", "'") ?? plain?.trim() ?? null;
  if (tab === null) return null;
  if (rest === undefined) return { tab, cells: null };
  const cells = parseCells(rest);
  return cells && { tab, cells };
}

/** "A1:B2", "A:C", "2:9", "A2:C", "B7", with or without `$`; null when it is none of them. */
export function parseCells(text: string): Partial<SheetArea> | null {
  const match = /^([A-Z]{1,3})?([1-9]\d{0,7})?(?:(:)([A-Z]{1,3})?([1-9]\d{0,7})?)?$/.exec(
    text.trim().replaceAll('$', '').toUpperCase(),
  );
  const [whole = '', column, row, colon, toColumn, toRow] = match ?? [];
  if (whole === '' || (column === undefined && row === undefined)) return null;
  const isCell = colon === undefined;
  if (isCell && (column === undefined || row === undefined)) return null;
  if (!isCell && toColumn === undefined && toRow === undefined) return null;
  const columns = sortedEnds(columnIndex(column), columnIndex(isCell ? column : toColumn));
  const rows = sortedEnds(rowIndex(row), rowIndex(isCell ? row : toRow));
  return {
    startColumn: columns.start ?? 0,
    startRow: rows.start ?? 0,
    ...(columns.last === null ? {} : { endColumn: columns.last + 1 }),
    ...(rows.last === null ? {} : { endRow: rows.last + 1 }),
  };
}

/** "'My ideas'!A1:J50": quoted always, so that a tab called like a cell or a named range is itself. */
export function toA1(tab: string, { startRow, endRow, startColumn, endColumn }: SheetArea): string {
  const first = `${columnName(startColumn)}${startRow + 1}`;
  const last = `${columnName(endColumn - 1)}${endRow}`;
  return `'${tab.replaceAll("'", "''")}'!${first}:${last}`;
}

/** Of "C1:A9" the columns stand the wrong way round; Google takes that too. An end that is left open stays so. */
function sortedEnds(first: number | null, last: number | null): { start: number | null; last: number | null } {
  if (first === null || last === null || first <= last) return { start: first, last };
  return { start: last, last: first };
}

function columnIndex(letters: string | undefined): number | null {
  if (letters === undefined) return null;
  return letters.split('').reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function rowIndex(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits) - 1;
}
