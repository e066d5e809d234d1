import { parse, type Parser } from 'csv-parse';
import { toError } from '../domain/errors.ts';
import { detectDelimiter, maxHeaderBytes } from './detect-delimiter.ts';
import { maxRowBytes, unreadableRow, type SourceRow } from './source-row.ts';
import { checkColumnNames, type KnownColumns } from './table-header.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';
import { withWholeHead } from './with-whole-head.ts';

export interface CsvOptions {
  knownColumns?: KnownColumns | null;
  /** Told by the header when left out. */
  delimiter?: string | null;
  /** Told the columns, before the first row. */
  onHeader?(columns: readonly string[]): void;
}

/**
 * Rows of a table with a header (RFC 4180, with any delimiter), a batch for each piece of the file. Values are text as it
 * stands; empty lines are no rows.
 */
export async function* readCsvRows(
  pieces: AsyncIterable<Buffer>,
  { knownColumns, delimiter: given, onHeader }: CsvOptions = {},
): AsyncGenerator<SourceRow[]> {
  let records: string[][] = [];
  let parser: Parser | null = null;
  let delimiter = given ?? ',';
  const take = () => {
    const taken = records;
    records = [];
    return taken;
  };
  let toRow: ((record: string[]) => SourceRow) | null = null;
  let bytesSinceRecord = 0;
  const toRows = (taken: string[][]) => {
    if (toRow === null) {
      const [header, ...rest] = taken;
      if (!header) return [];
      const columns = checkedHeader(header, delimiter, knownColumns);
      onHeader?.(columns);
      toRow = createRowReader(columns);
      return rest.map(toRow);
    }
    return taken.map(toRow);
  };

  try {
    for await (const bytes of withWholeHead(pieces, maxHeaderBytes)) {
      if (parser === null) {
        delimiter = given ?? detectDelimiter(bytes, knownColumns);
        parser = createParser(delimiter, (record) => records.push(record));
      }
      await write(parser, bytes);
      const taken = take();
      // The parser's own limit does not count empty fields; this one also ends a row that is nothing but commas.
      bytesSinceRecord = taken.length > 0 ? 0 : bytesSinceRecord + bytes.length;
      if (bytesSinceRecord > maxRowBytes + bytes.length) throw tooLong(parser.info.records, parser.info.lines);
      if (taken.length > 0) yield toRows(taken);
    }
    if (parser) await write(parser, null);
    yield toRows(take());
    if (toRow === null)
      throw new UnreadableSourceError('The file is empty: a CSV begins with a header line that names its columns.');
  } finally {
    parser?.destroy();
  }
}

/** Records go to `onRecord` while `write` runs: as objects of a stream they would cost twice the time. */
function createParser(delimiter: string, onRecord: (record: string[]) => void): Parser {
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    // A wrong number of columns is a problem of that row, and a stray quote within a field is text.
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: maxRowBytes,
    on_record: (record: string[]) => {
      onRecord(record);
      return null;
    },
  });
  parser.resume();
  return parser;
}

/** Resolves when the parser has taken the bytes; null ends it. */
function write(parser: Parser, bytes: Buffer | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown) => reject(toUnreadable(toError(thrown), parser));
    parser.once('error', fail);
    const done = (error?: Error | null) => {
      if (error) return fail(error);
      parser.off('error', fail);
      resolve();
    };
    if (bytes) parser.write(bytes, done);
    else parser.end(done);
  });
}

function toUnreadable(error: Error, parser: Parser): Error {
  const { records, lines } = parser.info;
  if ('code' in error && error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(records, lines);
  if ('code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new UnreadableSourceError(
      `A quote that opens after row ${Math.max(records - 1, 0)} is never closed.`,
      error,
    );
  }
  return error;
}

function tooLong(records: number, lines: number): UnreadableSourceError {
  const row = Math.max(records, 1);
  return new UnreadableSourceError(
    `Row ${row}, near line ${lines}, is longer than ${maxRowBytes} bytes: most likely a quote opens there and is not closed.`,
  );
}

function checkedHeader(record: string[], delimiter: string, knownColumns: KnownColumns | null | undefined): string[] {
  const header = checkColumnNames(record);
  if (knownColumns && !header.some((name) => knownColumns.has(name))) {
    const found = JSON.stringify(header.join(delimiter).slice(0, 100));
    throw new UnreadableSourceError(
      `The first line must be a header with columns among ${knownColumns.names.join(', ')}, separated by ${JSON.stringify(delimiter)}; it is ${found}.`,
    );
  }
  return header;
}

function createRowReader(header: string[]): (record: string[]) => SourceRow {
  let row = 0;
  return (record) => {
    row += 1;
    if (record.length !== header.length) {
      return unreadableRow(row, `has ${record.length} columns, but the header has ${header.length}`, record);
    }
    const raw: Record<string, string> = {};
    for (let column = 0; column < header.length; column += 1) raw[header[column] ?? ''] = record[column] ?? '';
    return { row, raw };
  };
}
