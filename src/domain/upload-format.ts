import type { UploadFormat } from './job.ts';

/** The format that a file's name tells of, compressed by gzip or not; null when it tells nothing. */
export function uploadFormatOf(fileName: string): UploadFormat | null {
  const name = fileName.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return 'CSV';
  if (name.endsWith('.jsonl') || name.endsWith('.ndjson')) return 'JSONL';
  return null;
}
