import { z } from 'zod';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { InvalidInputError } from '../domain/errors.ts';
import { isRecord } from '../job-types/coerce-item.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { parseExactJson } from '../sources/parse-exact-json.ts';

/** What the values of a column are, for formats that have types. JSON stands for lists and objects. */
export type ColumnType = 'TEXT' | 'INTEGER' | 'NUMBER' | 'BOOLEAN' | 'TIMESTAMP' | 'DECIMAL' | 'JSON';

/** An item with its input and output parsed, every number as it was stored. */
export interface TableRow {
  item: ExportedItem;
  input: unknown;
  output: unknown;
}

export interface TableColumn {
  name: string;
  type: ColumnType;
  valueOf(row: TableRow): unknown;
}

const before: TableColumn[] = [
  { name: 'index', type: 'INTEGER', valueOf: ({ item }) => item.index },
  { name: 'key', type: 'TEXT', valueOf: ({ item }) => item.key },
  { name: 'state', type: 'TEXT', valueOf: ({ item }) => item.state },
];
const after: TableColumn[] = [
  { name: 'error_code', type: 'TEXT', valueOf: ({ item }) => item.errorCode },
  { name: 'error_field', type: 'TEXT', valueOf: ({ item }) => item.errorField },
  { name: 'error_message', type: 'TEXT', valueOf: ({ item }) => item.errorMessage },
];

/** A typed table has it after all others. */
export const unfitColumn = 'unfit_values';

/**
 * Items as a table: their place, the fields of their input and output, their error. Every name comes once: a field that has
 * the name of another column says whether it is of the input or of the output.
 */
function tableColumns(jobType: JobType): TableColumn[] {
  const taken = new Set([...before, ...after].map(({ name }) => name)).add(unfitColumn);
  const columnsOf = (schema: z.ZodObject, origin: 'input' | 'output') =>
    Object.entries(schema.shape).map(([field, type]): TableColumn => {
      const name = taken.has(field) ? `${origin}_${field}` : field;
      taken.add(name);
      return { name, type: columnType(type), valueOf: (row) => member(row[origin], field) };
    });
  return [...before, ...columnsOf(jobType.item, 'input'), ...columnsOf(jobType.output, 'output'), ...after];
}

/** The columns of these names, in this order; all when there are none. @throws InvalidInputError that lists the names there are */
export function chooseColumns(jobType: JobType, names: readonly string[] | null | undefined): TableColumn[] {
  const known = tableColumns(jobType);
  if (!names) return known;
  const byName = new Map(known.map((column) => [column.name, column]));
  const chosen = [...new Set(names)].map((name) => byName.get(name) ?? name);
  const unknown = chosen.filter((each) => typeof each === 'string').map((name) => JSON.stringify(name.slice(0, 100)));
  const columns = chosen.filter((each) => typeof each !== 'string');
  if (unknown.length === 0 && columns.length > 0) return columns;
  const problem =
    unknown.length > 0 ? `There is no column ${unknown.slice(0, 10).join(', ')}.` : 'Name at least one column.';
  const message = `${problem} The columns of ${jobType.name} are ${[...byName.keys()].join(', ')}.`;
  throw new InvalidInputError(message, [{ path: ['columns'], message, row: null, field: 'columns' }]);
}

/** An item with its input and output parsed, digits kept. */
export function toTableRow(item: ExportedItem): TableRow {
  return { item, input: parseExactJson(item.input), output: item.output === null ? null : parseExactJson(item.output) };
}

function member(value: unknown, field: string): unknown {
  return isRecord(value) ? (value[field] ?? null) : null;
}

function columnType(schema: z.core.$ZodType): ColumnType {
  // Before the plain types: what the type says of itself goes over what it looks like.
  const graphqlType = z.globalRegistry.get(schema)?.['graphqlType'];
  if (graphqlType === 'Decimal') return 'DECIMAL';
  if (graphqlType === 'DateTime') return 'TIMESTAMP';
  if (graphqlType === 'BigInt') return 'INTEGER';
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return columnType(schema.def.innerType);
  }
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat || schema instanceof z.ZodEnum)
    return 'TEXT';
  if (schema instanceof z.ZodBoolean) return 'BOOLEAN';
  if (schema instanceof z.ZodNumber) return schema.format?.includes('int') ? 'INTEGER' : 'NUMBER';
  return 'JSON';
}
