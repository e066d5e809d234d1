import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { toError } from '../../domain/errors.ts';
import { readRange, type SourceFile } from '../source-file.ts';
import { maxRowBytes, type SourceProgress, type SourceRow } from '../source-row.ts';
import { checkColumnNames } from '../table-header.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import { broken, checkFooter, checkPages } from './check-footer.ts';
import { compressors } from './decompress.ts';
import { createValueReader, parsers, UnreadableValueError, type ReadValue } from './value-reader.ts';

export interface ParquetOptions {
  /** Told the columns, before the first row. */
  onHeader?(columns: readonly string[]): void;
  progress: SourceProgress;
}

/** So many rows are decoded at a time; each of their row groups is read once for every such part of it. */
const rowsAtOnce = 32_768;
const maxFooterBytes = 64 * 2 ** 20;

/**
 * Rows of a Parquet file. Memory grows with its row groups, which are limited, not with their number.
 * @throws UnreadableSourceError
 */
export async function* readParquetRows(
  file: SourceFile,
  { onHeader, progress }: ParquetOptions,
): AsyncGenerator<SourceRow[]> {
  const storage = createBuffer(file);
  const { columns, metadata } = await storage.guard(async () => await readFooter(storage.buffer));
  onHeader?.(columns.map(({ name }) => name));
  progress.bytesTotal = file.byteSize;
  progress.rowsTotal = Number(metadata.num_rows);

  let row = 0;
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    await storage.guard(async () => await checkGroup(storage.buffer, metadata, group));
    for (let start = groupStart; start < groupStart + groupRows; start += rowsAtOnce) {
      const end = Math.min(start + rowsAtOnce, groupStart + groupRows);
      const records = await storage.guard(
        async () =>
          await parquetReadObjects({
            file: storage.buffer,
            metadata,
            rowStart: start,
            rowEnd: end,
            compressors,
            parsers,
            utf8: false,
          }),
      );
      if (records.length !== end - start) throw broken(`${records.length} of ${end - start} rows are there`);
      progress.bytesRead = Math.floor((file.byteSize * end) / Number(metadata.num_rows));
      yield records.map((record) => toSourceRow((row += 1), record, columns));
    }
    groupStart += groupRows;
  }
  progress.bytesRead = file.byteSize;
}

interface Column {
  name: string;
  read: ReadValue;
}

async function readFooter(buffer: AsyncBuffer): Promise<{ columns: Column[]; metadata: FileMetaData }> {
  const end = Buffer.from(await buffer.slice(Math.max(0, buffer.byteLength - 8)));
  const magic = end.subarray(-4).toString('latin1');
  if (magic === 'PARE') throw new UnreadableSourceError('The Parquet file is encrypted. Write it without encryption.');
  if (buffer.byteLength < 12 || magic !== 'PAR1') throw broken('it has no footer');
  const footerBytes = end.readUInt32LE(0);
  if (footerBytes > maxFooterBytes) throw broken(`its footer states ${footerBytes} bytes`);
  const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
  checkFooter(metadata, buffer.byteLength);
  const tree = parquetSchema(metadata);
  const names = checkColumnNames(tree.children.map(({ element }) => element.name));
  const columns = tree.children.map((child, index) => ({ name: names[index] ?? '', read: createValueReader(child) }));
  return { columns, metadata: { ...metadata, schema: metadata.schema.map(withoutLossyType) } };
}

/** hyparquet makes floats of decimals, objects of JSON and nothing of enumerations: their bytes are read instead, and turned into exact values here. */
function withoutLossyType(element: SchemaElement): SchemaElement {
  const { logical_type: logical, converted_type: converted } = element;
  if (logical?.type === 'DECIMAL' || converted === 'DECIMAL') {
    return { ...element, logical_type: undefined, converted_type: undefined };
  }
  if (logical?.type === 'JSON' || logical?.type === 'ENUM' || converted === 'JSON' || converted === 'ENUM') {
    return { ...element, logical_type: undefined, converted_type: 'UTF8' };
  }
  return element;
}

async function checkGroup(buffer: AsyncBuffer, { schema }: FileMetaData, group: FileMetaData['row_groups'][number]) {
  const tops = new Map(parquetSchema({ schema } as FileMetaData).children.map((each) => [each.element.name, each]));
  for (const { meta_data: column } of group.columns) {
    if (!column) continue;
    const start = Number(column.dictionary_page_offset || column.data_page_offset);
    const chunk = await buffer.slice(start, start + Number(column.total_compressed_size));
    const top = tops.get(column.path_in_schema[0] ?? '');
    const isFlat = top !== undefined && top.children.length === 0 && top.element.repetition_type !== 'REPEATED';
    checkPages(chunk, column.path_in_schema.join('.'), isFlat ? Number(group.num_rows) : null);
  }
}

function toSourceRow(row: number, record: Record<string, unknown>, columns: readonly Column[]): SourceRow {
  const raw: Record<string, unknown> = {};
  let issue: { field: string | null; message: string } | null = null;
  for (const { name, read } of columns) {
    try {
      raw[name] = read(record[name]);
    } catch (thrown) {
      if (!(thrown instanceof UnreadableValueError)) throw thrown;
      raw[name] = null;
      issue ??= { field: name, message: thrown.message };
    }
  }
  if (isTooLong(raw)) {
    return {
      row,
      raw: null,
      problem: { path: [], row, field: null, message: `is longer than ${maxRowBytes} characters` },
    };
  }
  if (!issue) return { row, raw };
  return { row, raw, problem: { path: issue.field === null ? [] : [issue.field], row, ...issue } };
}

/** Texts may come from a dictionary: a row is not as long as its bytes. */
function isTooLong(raw: unknown): boolean {
  let characters = 0;
  const count = (value: unknown): void => {
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null && characters <= maxRowBytes) {
      for (const [name, each] of Object.entries(value)) {
        characters += name.length;
        count(each);
      }
    }
  };
  count(raw);
  return characters > maxRowBytes;
}

/** What hyparquet throws is about the file; what storage throws is passed on as it is, for it may pass. */
function createBuffer(file: SourceFile) {
  let storageError: Error | null = null;
  const buffer: AsyncBuffer = {
    byteLength: file.byteSize,
    async slice(start, end = file.byteSize) {
      if (!(start >= 0 && end >= start && end <= file.byteSize)) throw broken('something lies outside of it');
      const bytes = await readRange(file, start, end).catch((thrown: unknown) => {
        storageError = toError(thrown);
        throw storageError;
      });
      return new Uint8Array(bytes).buffer;
    },
  };
  const guard = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (thrown) {
      if (storageError) throw storageError;
      const error = toError(thrown);
      if (error instanceof UnreadableSourceError) throw error;
      throw new UnreadableSourceError(`The Parquet file cannot be read: ${error.message.slice(0, 200)}`, error);
    }
  };
  return { buffer, guard };
}
