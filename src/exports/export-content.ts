import { Readable } from 'node:stream';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { assertNever, ConflictError } from '../domain/errors.ts';
import { assertExportable, type ExportContent, type ExportFormat } from '../domain/export.ts';
import { getJobType } from '../job-types/registry.ts';
import { aggregateRows, csvAggregates, csvTable, type Cell } from './csv-text.ts';
import type { ExportSource } from './export-source.ts';
import { allAsJson, allAsJsonLines, jsonArray, jsonLines } from './json-text.ts';
import { parquetTable, parquetTexts } from './parquet-table.ts';
import { chooseColumns } from './table-columns.ts';
import { zipFiles, type ZipFile } from './zip-files.ts';

export interface ExportShape {
  format: ExportFormat;
  content: ExportContent;
  columns?: readonly string[] | null;
}

/**
 * The bytes of an export file, made as they are read; the same job gives the same bytes.
 * @throws ConflictError when the job has no aggregates, InvalidInputError for ALL as CSV or PARQUET
 */
export function openExportContent(shape: ExportShape, source: ExportSource): Readable {
  assertExportable(shape);
  if (shape.content === 'AGGREGATES') assertAggregates(source);
  if (shape.format === 'ZIP') return zipFiles(filesOf(shape.content, source), toManifest(shape.content, source));
  return Readable.from(toPieces(piecesOf({ ...shape, format: shape.format }, source)), { objectMode: false });
}

/** How many rows the content reads, for its percentage. */
export function countRows(
  { format, content }: ExportShape,
  { total, failed }: { total: number; failed: number },
): number {
  // A ZIP holds its items and failures twice: as JSONL and as CSV.
  const times = format === 'ZIP' ? 2 : 1;
  switch (content) {
    case 'ITEMS':
      return total * times;
    case 'FAILURES':
      return failed * times;
    case 'ALL':
      return (total + failed) * times;
    case 'AGGREGATES':
      return 0;
    default:
      return assertNever(content);
  }
}

function assertAggregates({ job }: ExportSource): void {
  if (job.aggregates !== null) return;
  throw new ConflictError(`Job ${job.id} ended without aggregates: there is nothing to export.`, { state: job.state });
}

type SingleFormat = Exclude<ExportFormat, 'ZIP'>;
type Pieces = AsyncIterable<string | Uint8Array>;

function piecesOf(shape: ExportShape & { format: SingleFormat }, source: ExportSource): Pieces {
  const { format, content } = shape;
  if (content === 'AGGREGATES') return aggregatesPieces(format, source);
  if (content === 'ALL') return format === 'JSON' ? allAsJson(source) : allAsJsonLines(source);
  const pages = content === 'ITEMS' ? source.items() : source.failures();
  switch (format) {
    case 'JSON':
      return jsonArray(pages);
    case 'JSONL':
      return jsonLines(pages);
    case 'CSV':
      return csvTable(pages, chooseColumns(getJobType(source.job.type), shape.columns));
    case 'PARQUET':
      return parquetTable(pages, chooseColumns(getJobType(source.job.type), shape.columns));
    default:
      return assertNever(format);
  }
}

async function* aggregatesPieces(format: SingleFormat, source: ExportSource): AsyncGenerator<string | Uint8Array> {
  const { aggregates } = source.job;
  if (format === 'CSV') yield csvAggregates(aggregates);
  else if (format === 'PARQUET') yield* parquetTexts(['name', 'value'], toTexts(aggregateRows(aggregates)));
  else yield* aggregatesText(source);
}

function toTexts(rows: readonly Cell[][]): (string | null)[][] {
  return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
}

async function* aggregatesText({ job }: ExportSource): AsyncGenerator<string> {
  yield `${job.aggregates}\n`;
}

function filesOf(content: ExportContent, source: ExportSource): ZipFile[] {
  const columns = chooseColumns(getJobType(source.job.type), null);
  const table = (name: string, read: () => AsyncIterable<ExportedItem[]>): ZipFile[] => {
    const json = createCounter(read);
    const csv = createCounter(read);
    return [
      { name: `${name}.jsonl`, text: jsonLines(json.pages()), itemCount: json.count },
      { name: `${name}.csv`, text: csvTable(csv.pages(), columns), itemCount: csv.count },
    ];
  };
  const isWanted = (part: ExportContent) => content === part || content === 'ALL';
  return [
    ...(isWanted('ITEMS') ? table('items', source.items) : []),
    ...(isWanted('FAILURES') ? table('failures', source.failures) : []),
    ...(isWanted('AGGREGATES') && source.job.aggregates !== null
      ? [{ name: 'aggregates.json', text: aggregatesText(source), itemCount: () => 0 }]
      : []),
  ];
}

function createCounter(read: () => AsyncIterable<ExportedItem[]>) {
  let items = 0;
  return {
    count: () => items,
    async *pages() {
      for await (const page of read()) {
        items += page.length;
        yield page;
      }
    },
  };
}

function toManifest(content: ExportContent, { job }: ExportSource): Record<string, unknown> {
  const { id, type, title } = job;
  return { job: { id, type, title }, content };
}

async function* toPieces(pieces: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (piece.length > 0) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
}
