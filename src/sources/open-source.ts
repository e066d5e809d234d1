import { assertNever } from '../domain/errors.ts';
import type { FieldNames } from '../job-types/field-names.ts';
import type { ColumnMapping, EarlierJobSource, FileSource, StoredSource, UploadSource } from '../domain/job.ts';
import type { Storage } from '../storage/storage.ts';
import { readCsvRows } from './csv-rows.ts';
import { readJsonRows } from './json-rows.ts';
import { readJsonlRows } from './jsonl-rows.ts';
import { createColumnMapping, knownColumnsOf, matchColumns, toFieldIssue } from './map-columns.ts';
import { readParquetRows } from './parquet/parquet-rows.ts';
import { withRandomAccess } from './random-access.ts';
import { openUploadFile, type SourceFile } from './source-file.ts';
import type { SourceProgress, SourceRow } from './source-row.ts';
import { readTextBytes } from './text-bytes.ts';
import { toUtf8 } from './to-utf8.ts';
import { readXlsxRows } from './xlsx/xlsx-rows.ts';

export interface SourceDeps {
  storage: Pick<Storage, 'get' | 'head'>;
  /** Fields of the items: the columns of a table go to those that they name, and a table that names none of them has no header. */
  fields?: FieldNames;
  /** COLUMNS: rows keep the names that their source has. Default FIELDS. */
  naming?: 'FIELDS' | 'COLUMNS';
  /** Told the columns of a table, as its header has them, before its first row. */
  onHeader?(columns: readonly string[]): void;
}

/** Rows in the order of the source, a batch at a time, the same at every reading. Memory does not grow with the source. */
export interface OpenSource extends AsyncIterable<SourceRow[]> {
  /** How far the file has been read; null for items that came with the request. */
  progress: SourceProgress | null;
}

/** Sources as they lie still: a URL or a sheet has become an upload, and an earlier job brings its rows, the same each time. */
export type ReadableSource =
  | Exclude<StoredSource, { kind: 'url' | 'googleSheet' | 'job' }>
  | (Pick<EarlierJobSource, 'kind' | 'columns'> & { rows(): AsyncIterable<SourceRow[]> });

/**
 * Opens a source for one reading. Iterating it throws NotFoundError when its file is gone and UnreadableSourceError when
 * the file as a whole cannot be read; a bad row is a row with a `problem`.
 */
export function openSource(source: ReadableSource, deps: SourceDeps): OpenSource {
  switch (source.kind) {
    case 'inline':
      return Object.assign(inlineRows(source.items), { progress: null });
    case 'upload': {
      const progress = { bytesRead: 0, bytesTotal: 0 };
      return Object.assign(readUpload(source, deps, progress), { progress });
    }
    case 'job':
      return Object.assign(
        mapColumns(source.rows(), () => (deps.naming === 'COLUMNS' ? [] : (source.columns ?? []))),
        { progress: null },
      );
    default:
      return assertNever(source);
  }
}

async function* readUpload(
  source: UploadSource,
  deps: SourceDeps,
  progress: SourceProgress,
): AsyncGenerator<SourceRow[]> {
  yield* readFile(await openUploadFile(deps.storage, source.uploadId), source, deps, progress);
}

/** The rows of a file, wherever it comes from. Keeps `progress` up to date. @throws UnreadableSourceError */
export function readFile(
  file: SourceFile,
  source: FileSource,
  deps: Omit<SourceDeps, 'storage'>,
  progress: SourceProgress,
): AsyncIterable<SourceRow[]> {
  const { fields, naming } = deps;
  const mapped = source.columns ?? [];
  let columns: readonly ColumnMapping[] = naming === 'COLUMNS' ? [] : mapped;
  const onHeader = (header: readonly string[]) => {
    deps.onHeader?.(header);
    if (naming !== 'COLUMNS') columns = matchColumns(header, mapped, fields);
  };
  return mapColumns(readRows(file, source, { ...deps, onHeader }, progress), () => columns);
}

function readRows(
  file: SourceFile,
  source: FileSource,
  deps: Omit<SourceDeps, 'storage'>,
  progress: SourceProgress,
): AsyncIterable<SourceRow[]> {
  const { format, encoding } = source;
  const { onHeader, fields } = deps;
  const knownColumns = fields && knownColumnsOf(fields, source.columns ?? []);
  const text = () => toUtf8(readTextBytes(file, source, progress), encoding);
  switch (format) {
    case 'CSV':
      return readCsvRows(text(), { knownColumns, onHeader, delimiter: source.delimiter });
    case 'TSV':
      return readCsvRows(text(), { knownColumns, onHeader, delimiter: '\t' });
    case 'JSONL':
      return readJsonlRows(text());
    case 'JSON':
      return readJsonRows(text());
    case 'XLSX': {
      const { sheet, headerRow } = source;
      const options = { sheet, headerRow, knownColumns, onHeader, progress };
      return withRandomAccess(file, { ...source, format }, (workbook) => readXlsxRows(workbook, options));
    }
    case 'PARQUET':
      return withRandomAccess(file, { ...source, format }, (table) => readParquetRows(table, { onHeader, progress }));
    default:
      return assertNever(format);
  }
}

async function* mapColumns(
  batches: AsyncIterable<SourceRow[]>,
  /** Known when the first row comes. */
  columnsOf: () => readonly ColumnMapping[],
): AsyncGenerator<SourceRow[]> {
  let toRows: ((batch: SourceRow[]) => SourceRow[]) | null = null;
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    toRows ??= createMapping(columnsOf());
    yield toRows(batch);
  }
}

function createMapping(columns: readonly ColumnMapping[]): (batch: SourceRow[]) => SourceRow[] {
  if (columns.length === 0) return (batch) => batch;
  const toFields = createColumnMapping(columns);
  const toRow = (row: SourceRow): SourceRow =>
    row.problem ? { ...row, problem: toFieldIssue(columns, row.problem) } : { ...row, raw: toFields(row.raw) };
  return (batch) => batch.map(toRow);
}

async function* inlineRows(items: readonly unknown[]): AsyncGenerator<SourceRow[]> {
  yield items.map((raw, index) => ({ row: index + 1, raw }));
}
