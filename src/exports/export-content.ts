import { Readable } from 'node:stream';
import type { ExportedItem } from '../database/sql/read-export-items.ts';
import { assertNever, ConflictError } from '../domain/errors.ts';
import { assertExportable, type ExportContent, type ExportFormat } from '../domain/export.ts';
import { getJobType } from '../job-types/registry.ts';
import { aggregateRows, csvAggregates, csvTable, type Cell } from './csv-text.ts';
import type { ExportSource } from './export-source.ts';
import { allAsJson, allAsJsonLines, jsonArray, jsonLines } from './json-text.ts';
import { parquetTable, parquetTexts } from './parquet-table.ts';
import { textSection, type ReadItems, type Section } from './sections.ts';
import { chooseColumns, toTableRow, type TableColumn } from './table-columns.ts';
import { toXlsxValue } from './xlsx-value.ts';
import { xlsxWorkbook, type XlsxTable } from './xlsx-workbook.ts';
import { tableFiles, zipFiles, type ZipFile } from './zip-files.ts';
import { itemZipFiles } from './zip-item-files.ts';

export interface ExportShape {
  format: ExportFormat;
  content: ExportContent;
  columns?: readonly string[] | null;
}

/** Bytes that are made as they are read: in sections, which can be gone on with from any position, or from the start only. */
export type ExportBody = { kind: 'SECTIONS'; sections: Section[] } | { kind: 'STREAM'; stream: Readable };

/**
 * What an export file holds; the same job gives the same bytes.
 * @throws ConflictError when the job has no aggregates, InvalidInputError for a content that the format cannot hold
 */
export function openExportContent(shape: ExportShape, source: ExportSource): ExportBody {
  assertExportable(shape);
  if (shape.content === 'AGGREGATES') assertAggregates(source);
  const { format, content } = shape;
  switch (format) {
    case 'JSON':
    case 'JSONL':
      return { kind: 'SECTIONS', sections: jsonSections(format, content, source) };
    case 'CSV':
      return { kind: 'SECTIONS', sections: csvSections(shape, source) };
    case 'PARQUET':
      return { kind: 'STREAM', stream: Readable.from(parquetBytes(shape, source), { objectMode: false }) };
    case 'XLSX':
      return { kind: 'STREAM', stream: xlsxWorkbook(xlsxTables(shape, source)) };
    case 'ZIP':
      return { kind: 'STREAM', stream: zipFiles(filesOf(content, source), toManifest(content, source)) };
    default:
      return assertNever(format);
  }
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
  throw new ConflictError(`Job ${job.id} has no aggregates: there is nothing to export.`, { state: job.state });
}

function jsonSections(format: 'JSON' | 'JSONL', content: ExportContent, source: ExportSource): Section[] {
  if (content === 'AGGREGATES') return [textSection(aggregatesText(source))];
  if (content === 'ALL') return format === 'JSON' ? allAsJson(source) : allAsJsonLines(source);
  const read = readerOf(content, source);
  return format === 'JSON' ? jsonArray(read) : [jsonLines(read)];
}

function csvSections(shape: ExportShape, source: ExportSource): Section[] {
  if (shape.content === 'AGGREGATES') return [textSection(csvAggregates(source.job.aggregates))];
  return csvTable(readerOf(shape.content, source), columnsOf(shape, source));
}

async function* parquetBytes(shape: ExportShape, source: ExportSource): AsyncGenerator<Uint8Array> {
  const pieces =
    shape.content === 'AGGREGATES'
      ? parquetTexts(['name', 'value'], toTexts(aggregateRows(source.job.aggregates)))
      : parquetTable(readerOf(shape.content, source)(-1), columnsOf(shape, source));
  for await (const bytes of pieces) if (bytes.length > 0) yield bytes;
}

function toTexts(rows: readonly Cell[][]): (string | null)[][] {
  return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
}

function xlsxTables(shape: ExportShape, source: ExportSource): XlsxTable[] {
  const columns = columnsOf(shape, source);
  const table = (name: string, read: ReadItems) => ({ name, columns, pages: toRows(read(-1), columns) });
  const { isWanted, hasAggregates } = partsOf(shape.content, source);
  return [
    ...(isWanted('ITEMS') ? [table('items', source.items)] : []),
    ...(isWanted('FAILURES') ? [table('failures', source.failures)] : []),
    ...(hasAggregates ? [aggregatesTable(source)] : []),
  ];
}

async function* toRows(pages: AsyncIterable<ExportedItem[]>, columns: readonly TableColumn[]): XlsxTable['pages'] {
  for await (const page of pages) {
    yield page.map(toTableRow).map((row) => columns.map(({ type, valueOf }) => toXlsxValue(valueOf(row), type)));
  }
}

function aggregatesTable({ job }: ExportSource): XlsxTable {
  async function* pages() {
    yield aggregateRows(job.aggregates);
  }
  const columns = ['name', 'value'].map((name) => ({ name, type: 'TEXT' as const }));
  return { name: 'aggregates', columns, pages: pages() };
}

async function* filesOf(content: ExportContent, source: ExportSource): AsyncGenerator<ZipFile> {
  const columns = chooseColumns(getJobType(source.job.type), null);
  const { isWanted, hasAggregates } = partsOf(content, source);
  if (isWanted('ITEMS')) yield* tableFiles('items', source.items, source.job.total, columns);
  if (isWanted('FAILURES')) yield* tableFiles('failures', source.failures, source.job.failed, columns);
  if (hasAggregates) {
    yield { name: 'aggregates.json', sections: [textSection(aggregatesText(source))], itemCount: () => 0 };
  }
  if (isWanted('ITEMS')) yield* itemZipFiles(source);
}

/** Which of its parts a content has that can have several. */
function partsOf(content: ExportContent, { job }: ExportSource) {
  const isWanted = (part: ExportContent) => content === part || content === 'ALL';
  return { isWanted, hasAggregates: isWanted('AGGREGATES') && job.aggregates !== null };
}

function columnsOf({ columns }: ExportShape, { job }: ExportSource): TableColumn[] {
  return chooseColumns(getJobType(job.type), columns);
}

function readerOf(content: ExportContent, { items, failures }: ExportSource): ReadItems {
  return content === 'FAILURES' ? failures : items;
}

function aggregatesText({ job }: ExportSource): string {
  return `${job.aggregates}\n`;
}

function toManifest(content: ExportContent, { job }: ExportSource): Record<string, unknown> {
  const { id, type, title } = job;
  return { job: { id, type, title }, content };
}
