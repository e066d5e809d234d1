import { InvalidInputError } from '../domain/errors.ts';
import type { ColumnMapping } from '../domain/job.ts';
import { matchColumns } from './map-columns.ts';
import { openSource, type ReadableSource, type SourceDeps } from './open-source.ts';
import type { SourceProgress, SourceRow } from './source-row.ts';
import { maxColumns } from './table-header.ts';

export interface SourceSample {
  /** Names of the columns, in the order in which they come. */
  columns: string[];
  /** Those that fill a field of another name. */
  matched: readonly ColumnMapping[];
  /** As they stand in the source: columns have their own names. */
  rows: SourceRow[];
  /** How far it was read for that. */
  extent: SourceExtent;
}

/** What the beginning of a source says of its length. */
export interface SourceExtent {
  /** Rows that were read. */
  rows: number;
  /** True when there are no more. */
  isWhole: boolean;
  /** Null where there is no file. */
  progress: SourceProgress | null;
}

export interface SampleSize {
  /** Rows to keep, of those at the beginning. */
  keep: number;
  /** Rows to read, to tell the length of the source by them; those that tell the columns when left out. */
  read?: number;
}

/** So many rows tell which columns a source without a header has. */
const columnRows = 1_000;
/** Rows may be long: those that are kept have together about so many characters. */
const maxCharacters = 4 * 1_048_576;
/** Of a file whose rows are long no more is read to tell its length. */
const maxReadBytes = 8 * 1_048_576;

/**
 * The columns of a source and some of its first rows. Reads little more of it than that takes.
 * @throws NotFoundError, UnreadableSourceError, InvalidInputError when a column that is mapped is not there
 */
export async function sampleSource(
  source: ReadableSource,
  deps: SourceDeps,
  { keep, read = columnRows }: SampleSize,
): Promise<SourceSample> {
  const mapped = (source.kind !== 'inline' && source.columns) || [];
  const columns = new Set<string>();
  const rows: SourceRow[] = [];
  let matched: readonly ColumnMapping[] = mapped;
  let characters = 0;
  const opened = openSource(source, {
    ...deps,
    naming: 'COLUMNS',
    onHeader: (header) => {
      header.forEach((column) => columns.add(column));
      matched = matchColumns(header, mapped, deps.fields);
    },
  });
  const { progress } = opened;
  const extent: SourceExtent = { rows: 0, isWhole: true, progress };
  for await (const batch of opened) {
    for (const row of batch.filter(({ row: number }) => number <= columnRows)) {
      if (!row.problem && columns.size < maxColumns) for (const column of columnsOf(row.raw)) columns.add(column);
      if (rows.length >= keep || characters >= maxCharacters) continue;
      rows.push(row);
      characters += JSON.stringify(row.raw).length;
    }
    extent.rows = batch.at(-1)?.row ?? extent.rows;
    const isLong = extent.rows >= read || (progress?.bytesRead ?? 0) >= maxReadBytes;
    if (extent.rows >= columnRows && isLong) {
      extent.isWhole = false;
      break;
    }
  }
  if (columns.size > 0) assertColumns(source.kind, mapped, columns);
  return { columns: [...columns], matched, rows, extent };
}

function columnsOf(raw: unknown): string[] {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? Object.keys(raw) : [];
}

function assertColumns(kind: string, mapped: readonly ColumnMapping[], columns: ReadonlySet<string>): void {
  const issues = mapped.flatMap(({ column }, index) => {
    if (columns.has(column)) return [];
    const message = `${JSON.stringify(column)} is no column of the source; there are: ${[...columns].join(', ')}`;
    return [{ path: ['source', kind, 'columns', String(index), 'column'], message, row: null, field: 'column' }];
  });
  if (issues.length > 0) throw new InvalidInputError(`${issues[0]?.message}.`, issues);
}
