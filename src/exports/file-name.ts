import type { Export } from '../database/entities/export.ts';
import { assertNever } from '../domain/errors.ts';
import type { ExportFormat } from '../domain/export.ts';

/** "bookings-of-may-failures.csv": the prefix that was asked for, else the job's title, and what the file holds. */
export function exportFileName(found: Pick<Export, 'format' | 'content' | 'fileNamePrefix'>, jobTitle: string): string {
  const start = safePrefix(found.fileNamePrefix ?? '') || slug(jobTitle) || 'job';
  return `${start}-${found.content.toLowerCase()}.${extensionOf(found.format)}`;
}

/** The longest prefix, in characters. */
export const maxPrefixLength = 100;

/** A file's own name as it can lie in a folder anywhere: "My video.mp4"; "file" where nothing of it can. */
export function safeFileName(fileName: string): string {
  return safePrefix(fileName) || 'file';
}

/** Keeps letters of any language; drops what file systems, shells or right-to-left tricks give a meaning to. */
function safePrefix(prefix: string): string {
  const safe = prefix
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._ -]+/gu, '-')
    .trim();
  return safe.slice(0, maxPrefixLength).replace(/^[.\s-]+|[.\s-]+$/g, '');
}

function slug(title: string): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return words
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
}

function extensionOf(format: ExportFormat): string {
  switch (format) {
    case 'JSON':
      return 'json';
    case 'JSONL':
      return 'jsonl';
    case 'CSV':
      return 'csv';
    case 'PARQUET':
      return 'parquet';
    case 'XLSX':
      return 'xlsx';
    case 'ZIP':
      return 'zip';
    default:
      return assertNever(format);
  }
}

/** Media type that a file of this format is delivered with. */
export function contentTypeOf(format: ExportFormat): string {
  switch (format) {
    case 'JSON':
      return 'application/json; charset=utf-8';
    case 'JSONL':
      return 'application/x-ndjson; charset=utf-8';
    case 'CSV':
      return 'text/csv; charset=utf-8; header=present';
    case 'PARQUET':
      return 'application/vnd.apache.parquet';
    case 'XLSX':
      return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    case 'ZIP':
      return 'application/zip';
    default:
      return assertNever(format);
  }
}
