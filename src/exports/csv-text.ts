import { stringify } from 'csv-stringify/sync';
import { parseExactJson } from '../sources/parse-exact-json.ts';
import { textSection, type ReadItems, type Section } from './sections.ts';
import { toTableRow, type TableColumn } from './table-columns.ts';

/** Items as a table with a header. */
export function csvTable(read: ReadItems, columns: readonly TableColumn[]): Section[] {
  const header = textSection(toCsv([columns.map(({ name }) => name)]));
  return [
    header,
    {
      kind: 'ITEMS',
      read,
      toText: (page) => toCsv(page.map(toTableRow).map((row) => columns.map(({ valueOf }) => toCell(valueOf(row))))),
    },
  ];
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
/** A sign that begins a formula, also in its full-width form, and whatever spreadsheets may pass over before it. */
const formula = /^[\p{White_Space}\p{Cc}\p{Cf}]*[=+\-@\u2212\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r\n]/u;

/** Text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, "CSV Injection"); plain numbers stay exact. */
function toCsv(rows: readonly Cell[][]): string {
  return stringify([...rows], {
    cast: {
      boolean: (value) => String(value),
      string: (value) => (formula.test(value) && !negativeNumber.test(value) ? `'${value}` : value),
    },
  });
}
