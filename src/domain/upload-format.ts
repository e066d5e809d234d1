import type { UploadFormat } from './job.ts';

const formatOfEnding = new Map<string, UploadFormat>([
  ['csv', 'CSV'],
  ['tsv', 'TSV'],
  ['tab', 'TSV'],
  ['jsonl', 'JSONL'],
  ['ndjson', 'JSONL'],
  ['json', 'JSON'],
  ['xlsx', 'XLSX'],
  ['xlsm', 'XLSX'],
  ['parquet', 'PARQUET'],
]);

/** The format that a file's name tells of, packed by gzip or ZIP or not; null when it tells nothing. */
export function uploadFormatOf(fileName: string): UploadFormat | null {
  const [, ending = ''] = /\.([a-z]+)(?:\.(?:gz|zip))?$/.exec(fileName.toLowerCase()) ?? [];
  return formatOfEnding.get(ending) ?? null;
}

/** True where a file begins with a header, and values need not have the type of their field: a cell may hold a number as text. */
export function isTable(format: UploadFormat): boolean {
  return format === 'CSV' || format === 'TSV' || format === 'XLSX';
}
