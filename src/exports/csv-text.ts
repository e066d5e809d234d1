import { stringify } from 'csv-stringify/sync';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { parseExactJson } from '../sources/parse-exact-json.ts';
import { toTableRow, type TableColumn } from './table-columns.ts';

/** Items as a table with a header. */
export async function* csvTable(
  pages: AsyncIterable<ExportedItem[]>,
  columns: readonly TableColumn[],
): AsyncGenerator<string> {
  yield toCsv([columns.map(({ name }) => name)]);
  for await (const page of pages) {
    const rows = page.map(toTableRow);
    yield toCsv(rows.map((row) => columns.map(({ valueOf }) => toCell(valueOf(row)))));
  }
}

export type Cell = string | number | boolean | null;

function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

/** Aggregates as a table of names and values. */
export function csvAggregates(aggregates: string | null): string {
  return toCsv([['name', 'value'], ...aggregateRows(aggregates)]);
}

/** Names and values; the names of nested ones are paths: "byCurrency.0.currency". */
export function aggregateRows(aggregates: string | null): Cell[][] {
  return aggregates === null ? [] : leaves(parseExactJson(aggregates), '');
}

function leaves(value: unknown, path: string): Cell[][] {
  if (typeof value !== 'object' || value === null) return [[path, toCell(value)]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`));
}

const negativeNumber = /^-\d+(\.\d+)?$/;

/** Text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV Injection"); plain numbers stay exact. */
function toCsv(rows: readonly Cell[][]): string {
  return stringify([...rows], {
    escape_formulas: true,
    cast: {
      boolean: (value) => String(value),
      string: (value) => (negativeNumber.test(value) ? { value, escape_formulas: false } : value),
    },
  });
}
