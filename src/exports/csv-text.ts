import { stringify } from 'csv-stringify/sync';
import type { ExportedItem } from '../database/sql/export-items.ts';
import { isRecord } from '../job-types/coerce-item.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { parseExactJson } from '../sources/parse-exact-json.ts';

const before = ['index', 'key', 'state'];
const after = ['error_code', 'error_field', 'error_message'];

/** Items as a table: their place, the fields of their input and output, their error. */
export async function* csvTable(pages: AsyncIterable<ExportedItem[]>, jobType: JobType): AsyncGenerator<string> {
  const inputFields = Object.keys(jobType.item.shape);
  const outputFields = Object.keys(jobType.output.shape);
  yield toCsv([columnNames(inputFields, outputFields)]);
  for await (const page of pages) {
    yield toCsv(
      page.map((item) => [
        item.index,
        item.key,
        item.state,
        ...toCells(item.input, inputFields),
        ...toCells(item.output, outputFields),
        item.errorCode,
        item.errorField,
        item.errorMessage,
      ]),
    );
  }
}

/** Every name once: a field that has the name of another column says whether it is of the input or of the output. */
function columnNames(inputFields: string[], outputFields: string[]): string[] {
  const taken = new Set([...before, ...after]);
  const claim = (field: string, origin: string) => {
    const name = taken.has(field) ? `${origin}_${field}` : field;
    taken.add(name);
    return name;
  };
  const inputs = inputFields.map((field) => claim(field, 'input'));
  const outputs = outputFields.map((field) => claim(field, 'output'));
  return [...before, ...inputs, ...outputs, ...after];
}

type Cell = string | number | boolean | null;

function toCells(json: string | null, fields: string[]): Cell[] {
  const value = json === null ? null : parseExactJson(json);
  return fields.map((field) => (isRecord(value) ? toCell(value[field]) : null));
}

function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

/** Aggregates as a table of names and values; the names of nested ones are paths: "byCurrency.0.currency". */
export function csvAggregates(aggregates: string | null): string {
  const rows = aggregates === null ? [] : leaves(parseExactJson(aggregates), '');
  return toCsv([['name', 'value'], ...rows]);
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
