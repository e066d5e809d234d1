import { Readable } from 'node:stream';
import type { ExportedItem } from '../database/sql/export-items.ts';
import { assertNever, ConflictError } from '../domain/errors.ts';
import { assertExportable, type ExportContent, type ExportFormat } from '../domain/export.ts';
import { getJobType } from '../job-types/registry.ts';
import { csvAggregates, csvTable } from './csv-text.ts';
import type { ExportSource } from './export-source.ts';
import { allAsJson, allAsJsonLines, jsonArray, jsonLines } from './json-text.ts';
import { zipFiles, type ZipFile } from './zip-files.ts';

export interface ExportShape {
  format: ExportFormat;
  content: ExportContent;
}

/**
 * The bytes of an export file, made as they are read; the same job gives the same bytes.
 * @throws ConflictError when the job has no aggregates, InvalidInputError for ALL as CSV
 */
export function openExportContent(shape: ExportShape, source: ExportSource): Readable {
  assertExportable(shape);
  if (shape.content === 'AGGREGATES') assertAggregates(source);
  if (shape.format === 'ZIP') return zipFiles(filesOf(shape.content, source), toManifest(shape.content, source));
  return Readable.from(toPieces(textOf(shape.format, shape.content, source)), { objectMode: false });
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

function textOf(format: 'JSON' | 'JSONL' | 'CSV', content: ExportContent, source: ExportSource): AsyncIterable<string> {
  if (content === 'AGGREGATES') return aggregatesText(format, source);
  if (content === 'ALL') return format === 'JSON' ? allAsJson(source) : allAsJsonLines(source);
  const pages = content === 'ITEMS' ? source.items() : source.failures();
  switch (format) {
    case 'JSON':
      return jsonArray(pages);
    case 'JSONL':
      return jsonLines(pages);
    case 'CSV':
      return csvTable(pages, getJobType(source.job.type));
    default:
      return assertNever(format);
  }
}

async function* aggregatesText(format: 'JSON' | 'JSONL' | 'CSV', { job }: ExportSource): AsyncGenerator<string> {
  yield format === 'CSV' ? csvAggregates(job.aggregates) : `${job.aggregates}\n`;
}

function filesOf(content: ExportContent, source: ExportSource): ZipFile[] {
  const jobType = getJobType(source.job.type);
  const table = (name: string, read: () => AsyncIterable<ExportedItem[]>): ZipFile[] => {
    const json = createCounter(read);
    const csv = createCounter(read);
    return [
      { name: `${name}.jsonl`, text: jsonLines(json.pages()), itemCount: json.count },
      { name: `${name}.csv`, text: csvTable(csv.pages(), jobType), itemCount: csv.count },
    ];
  };
  const isWanted = (part: ExportContent) => content === part || content === 'ALL';
  return [
    ...(isWanted('ITEMS') ? table('items', source.items) : []),
    ...(isWanted('FAILURES') ? table('failures', source.failures) : []),
    ...(isWanted('AGGREGATES') && source.job.aggregates !== null
      ? [{ name: 'aggregates.json', text: aggregatesText('JSON', source), itemCount: () => 0 }]
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

async function* toPieces(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of text) if (piece !== '') yield Buffer.from(piece);
}
