import type { FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { UnreadableSourceError } from '../unreadable-source-error.ts';

/** What is decoded in one piece has to fit in memory. */
const maxPageBytes = 128 * 2 ** 20;
const maxPageValues = 2 ** 22;
const maxGroupBytes = 2 ** 30;
/** Values of a list are decoded for a whole row group. */
const maxNestedValues = 2 ** 24;
/** Repeated values take next to no bytes, but rows of real data take some. Few rows do no harm. */
const maxRowsPerByte = 100;
const harmlessRows = 1_000_000;

/** Holds a footer to the size of its file and to itself, before anything is read by it. @throws UnreadableSourceError */
export function checkFooter({ schema, num_rows, row_groups }: FileMetaData, byteSize: number): void {
  const leaves = schema.filter(({ num_children: children }) => !children).length;
  if (leaves === 0) throw broken('it has no columns');
  let rows = 0n;
  for (const group of row_groups) {
    rows += BigInt(group.num_rows);
    if (group.num_rows < 0) throw broken('a row group has less than no rows');
    if (group.columns.length !== leaves) throw broken(`a row group has ${group.columns.length} of ${leaves} columns`);
    let groupBytes = 0;
    for (const { file_path: otherFile, meta_data: column } of group.columns) {
      if (!column || otherFile) throw broken('a column lies in another file');
      const start = Number(column.dictionary_page_offset || column.data_page_offset);
      const bytes = Number(column.total_compressed_size);
      if (!(start >= 4 && bytes >= 0 && start + bytes <= byteSize)) {
        throw broken(`the column ${JSON.stringify(column.path_in_schema.join('.'))} lies outside of the file`);
      }
      groupBytes += Math.max(bytes, Number(column.total_uncompressed_size));
    }
    if (groupBytes > maxGroupBytes) throw tooLarge(`a row group of ${groupBytes} bytes`);
  }
  if (rows !== BigInt(num_rows)) throw broken(`it states ${num_rows} rows, and its row groups ${rows}`);
  if (rows > harmlessRows && rows > BigInt(byteSize) * BigInt(maxRowsPerByte)) {
    throw broken(`it states ${num_rows} rows in ${byteSize} bytes`);
  }
}

/**
 * Walks the pages of a column chunk without unpacking them: their sizes must fit, and a column without lists has one value
 * for each row. @throws UnreadableSourceError
 */
export function checkPages(chunk: ArrayBuffer, column: string, rows: number | null): void {
  const reader = { view: new DataView(chunk), offset: 0 };
  let values = 0;
  while (reader.offset < chunk.byteLength && (rows === null || values < rows)) {
    const header = parquetHeader(reader);
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    if (!(packed >= 0 && unpacked >= 0 && reader.offset + packed <= chunk.byteLength)) {
      throw broken(`a page of the column ${JSON.stringify(column)} lies outside of it`);
    }
    if (unpacked > maxPageBytes) throw tooLarge(`a page of ${unpacked} bytes`);
    const entries = header.dictionary_page_header?.num_values ?? 0;
    const found = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
    if (!(entries >= 0 && found >= 0 && entries <= 8 * unpacked)) {
      throw broken(`a page of the column ${JSON.stringify(column)} states ${Math.max(entries, found)} values`);
    }
    if (found > maxPageValues) throw tooLarge(`a page of ${found} values`);
    values += found;
    if (rows === null && values > maxNestedValues)
      throw tooLarge(`more than ${maxNestedValues} list values in a row group`);
    reader.offset += packed;
  }
  if (rows !== null && values !== rows) {
    throw broken(`a row group states ${rows} rows, but its column ${JSON.stringify(column)} has ${values} values`);
  }
}

/** The error for a file that contradicts itself. */
export function broken(problem: string): UnreadableSourceError {
  return new UnreadableSourceError(`The Parquet file cannot be read: ${problem}. Was it sent whole?`);
}

function tooLarge(what: string): UnreadableSourceError {
  return new UnreadableSourceError(`The Parquet file has ${what}. Write it with smaller row groups and pages.`);
}
