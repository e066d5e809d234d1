import { assertNever } from '../domain/errors.ts';
import type { ColumnMapping, EarlierJobSource, StoredSource, UploadSource } from '../domain/job.ts';
import type { Storage } from '../storage/storage.ts';
import { readCsvRows } from './csv-rows.ts';
import { readJsonRows } from './json-rows.ts';
import { readJsonlRows } from './jsonl-rows.ts';
import { createColumnMapping } from './map-columns.ts';
import type { SourceProgress, SourceRow } from './source-row.ts';
import { toUtf8 } from './to-utf8.ts';
import { readUploadBytes } from './upload-bytes.ts';

export interface SourceDeps {
  storage: Pick<Storage, 'get' | 'head'>;
  /** Fields of the items: a table that names none of them has no header. */
  knownColumns?: readonly string[];
  /** Told the columns of a table, as its header has them, before its first row. */
  onHeader?(columns: readonly string[]): void;
}

/** Rows in the order of the source, the same at every reading. Memory does not grow with the source. */
export interface OpenSource extends AsyncIterable<SourceRow> {
  /** How far the file has been read; null for items that came with the request. */
  progress: SourceProgress | null;
}

/** Sources as they lie still: a URL has become an upload, and an earlier job brings its rows, the same each time. */
export type ReadableSource =
  | Exclude<StoredSource, { kind: 'url' | 'job' }>
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
      const bytes = toUtf8(readUploadBytes(deps.storage, source.uploadId, progress), source.encoding);
      return Object.assign(oneByOne(readRows(source, bytes, deps), source.columns ?? []), { progress });
    }
    case 'job':
      return Object.assign(oneByOne(source.rows(), source.columns ?? []), { progress: null });
    default:
      return assertNever(source);
  }
}

function readRows(source: UploadSource, bytes: AsyncIterable<Buffer>, deps: SourceDeps): AsyncIterable<SourceRow[]> {
  const { onHeader } = deps;
  const knownColumns = deps.knownColumns && [
    ...deps.knownColumns,
    ...(source.columns ?? []).map(({ column }) => column),
  ];
  switch (source.format) {
    case 'CSV':
      return readCsvRows(bytes, { knownColumns, onHeader, delimiter: source.delimiter });
    case 'TSV':
      return readCsvRows(bytes, { knownColumns, onHeader, delimiter: '\t' });
    case 'JSONL':
      return readJsonlRows(bytes);
    case 'JSON':
      return readJsonRows(bytes);
    default:
      return assertNever(source.format);
  }
}

async function* oneByOne(
  batches: AsyncIterable<SourceRow[]>,
  columns: readonly ColumnMapping[],
): AsyncGenerator<SourceRow> {
  const toFields = createColumnMapping(columns);
  for await (const batch of batches) {
    yield* columns.length === 0 ? batch : batch.map((row) => (row.problem ? row : { ...row, raw: toFields(row.raw) }));
  }
}

async function* inlineRows(items: readonly unknown[]): AsyncGenerator<SourceRow> {
  for (const [index, raw] of items.entries()) yield { row: index + 1, raw };
}
