import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { assertNever } from '../domain/errors.ts';
import { decimalScale, toParquetValue } from './parquet-value.ts';
import { toTableRow, unfitColumn, type ColumnType, type TableColumn } from './table-columns.ts';

/** A row group is held in memory until it is written: it ends at so many rows, or characters of items. */
const groupRows = 20_000;
const groupCharacters = 16_000_000;

/**
 * Items as a Parquet table with typed columns, written row group by row group. What does not fit the type of its column, as in
 * items that were refused, is null there and stands in the last column, "unfit_values", as JSON by the names of the columns.
 */
export async function* parquetTable(
  pages: AsyncIterable<ExportedItem[]>,
  columns: readonly TableColumn[],
): AsyncGenerator<Uint8Array> {
  const table = openTable([...columns, { name: unfitColumn, type: 'JSON' }]);
  for await (const page of pages) {
    for (const item of page) table.add(toCells(item, columns), item.input.length + (item.output?.length ?? 0));
    if (table.isGroupFull()) yield table.endGroup();
  }
  yield table.endGroup();
  yield table.end();
}

/** Rows of text as a Parquet table. */
export function* parquetTexts(names: readonly string[], rows: Iterable<unknown[]>): Generator<Uint8Array> {
  const table = openTable(names.map((name) => ({ name, type: 'TEXT' })));
  for (const row of rows) table.add(row, 0);
  yield table.endGroup();
  yield table.end();
}

function toCells(item: ExportedItem, columns: readonly TableColumn[]): unknown[] {
  const row = toTableRow(item);
  const unfit: [string, unknown][] = [];
  const cells = columns.map(({ name, type, valueOf }) => {
    const value = valueOf(row);
    const cell = toParquetValue(value, type);
    if (cell === undefined) unfit.push([name, value]);
    return cell ?? null;
  });
  return [...cells, unfit.length === 0 ? null : JSON.stringify(Object.fromEntries(unfit))];
}

function openTable(columns: readonly Pick<TableColumn, 'name' | 'type'>[]) {
  const writer = new ByteWriter();
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...toElement(type) })),
  ];
  const file = new ParquetWriter({ writer, schema, createdBy: 'longhaul' });
  let group: unknown[][] = columns.map(() => []);
  let rows = 0;
  let characters = 0;

  /** What was written since; the writer goes on counting from there. */
  function take(): Uint8Array {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  }

  return {
    add(cells: readonly unknown[], size: number): void {
      for (const [at, column] of group.entries()) column.push(cells[at]);
      rows += 1;
      characters += size;
    },
    isGroupFull: () => rows >= groupRows || characters >= groupCharacters,
    endGroup(): Uint8Array {
      const columnData = columns.map(({ name }, at) => ({ name, data: group[at] ?? [] }));
      // The writer gives a promise only when it has a `flush` of its own to wait for.
      void file.write({ columnData, rowGroupSize: Math.max(1, rows) });
      group = columns.map(() => []);
      rows = 0;
      characters = 0;
      return take();
    },
    end(): Uint8Array {
      void file.finish();
      return take();
    },
  };
}

function toElement(type: ColumnType): Omit<SchemaElement, 'name'> {
  switch (type) {
    case 'TEXT':
    case 'JSON':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'INTEGER':
      return { type: 'INT64' };
    case 'NUMBER':
      return { type: 'DOUBLE' };
    case 'BOOLEAN':
      return { type: 'BOOLEAN' };
    case 'TIMESTAMP':
      return { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
    case 'DECIMAL':
      return {
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: 16,
        converted_type: 'DECIMAL',
        precision: 38,
        scale: decimalScale,
      };
    default:
      return assertNever(type);
  }
}
