import type { UploadFormat } from './job.ts';

const formatOfEnding = new Map<string, UploadFormat>([
  ['csv', 'CSV'],
  ['tsv', 'TSV'],
  ['tab', 'TSV'],
  ['jsonl', 'JSONL'],
  ['ndjson', 'JSONL'],
  ['json', 'JSON'],
]);

/** The format that a file's name tells of, compressed by gzip or not; null when it tells nothing. */
export function uploadFormatOf(fileName: string): UploadFormat | null {
  const [, ending = ''] = /\.([a-z]+)(?:\.gz)?$/.exec(fileName.toLowerCase()) ?? [];
  return formatOfEnding.get(ending) ?? null;
}

/** True where a file begins with a header and its values are text without a type. */
export function isTable(format: UploadFormat): boolean {
  return format === 'CSV' || format === 'TSV';
}
