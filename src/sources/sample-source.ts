import { InvalidInputError } from '../domain/errors.ts';
import type { ColumnMapping } from '../domain/job.ts';
import { matchColumns } from './map-columns.ts';
import { openSource, type ReadableSource, type SourceDeps } from './open-source.ts';
import type { SourceRow } from './source-row.ts';
import { maxColumns } from './table-header.ts';

export interface SourceSample {
  /** Names of the columns, in the order in which they come. */
  columns: string[];
  /** Those that fill a field of another name. */
  matched: readonly ColumnMapping[];
  /** As they stand in the source: columns have their own names. */
  rows: SourceRow[];
}

/** So many rows tell which columns a source without a header has. */
const sampledRows = 1_000;
/** Rows may be long: those that are kept have together about so many characters. */
const maxCharacters = 4 * 1_048_576;

/**
 * The columns of a source and up to `count` of its first rows. Reads no more of it than that takes.
 * @throws NotFoundError, UnreadableSourceError, InvalidInputError when a column that is mapped is not there
 */
export async function sampleSource(source: ReadableSource, deps: SourceDeps, count: number): Promise<SourceSample> {
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
  for await (const batch of opened) {
    for (const row of batch.filter(({ row: number }) => number <= sampledRows)) {
      if (!row.problem && columns.size < maxColumns) for (const column of columnsOf(row.raw)) columns.add(column);
      if (rows.length >= count || characters >= maxCharacters) continue;
      rows.push(row);
      characters += JSON.stringify(row.raw).length;
    }
    if ((batch.at(-1)?.row ?? 0) >= sampledRows) break;
  }
  if (columns.size > 0) assertColumns(source.kind, mapped, columns);
  return { columns: [...columns], matched, rows };
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
