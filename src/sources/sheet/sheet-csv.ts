import { stringify } from 'csv-stringify/sync';
import type { SheetTable, TableRow } from './sheet-table.ts';

/** The header of a table, as the file begins in which its rows are kept. */
export function toCsvHeader({ columns }: SheetTable): Buffer {
  return toCsv([columns]);
}

/** Rows of a table, as they follow in that file. */
export function toCsvRows(rows: readonly TableRow[]): Buffer {
  return toCsv(rows.map(({ cells }) => cells));
}

function toCsv(records: readonly (readonly string[])[]): Buffer {
  return Buffer.from(stringify([...records], { record_delimiter: '\n' }));
}
