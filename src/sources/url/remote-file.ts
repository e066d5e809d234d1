import { basename } from 'node:path';
import { uploadFormats, type UploadFormat } from '../../domain/job.ts';
import { uploadFormatOf } from '../../domain/upload-format.ts';
import { readInnerFormat } from '../inner-format.ts';
import type { SourceFile } from '../source-file.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { RemoteFile } from './fetch-bytes.ts';

const maxNameLength = 255;

/** What a file is called: as its server says (RFC 6266), else by the path of its URL. Safe to show and to store. */
export function fileNameOf(disposition: string | undefined, { pathname }: URL): string {
  const given = nameInDisposition(disposition ?? '') ?? basename(decode(pathname));
  const safe = given.replaceAll(/[\p{C}/\\]/gu, '').slice(-maxNameLength);
  return safe === '' ? 'file' : safe;
}

function nameInDisposition(disposition: string): string | null {
  const [, extended] = /;\s*filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition) ?? [];
  if (extended !== undefined) return decode(extended);
  const [, quoted, token] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const formatOfType = new Map<string, UploadFormat>([
  ['text/csv', 'CSV'],
  ['application/csv', 'CSV'],
  ['text/tab-separated-values', 'TSV'],
  ['application/x-ndjson', 'JSONL'],
  ['application/ndjson', 'JSONL'],
  ['application/jsonl', 'JSONL'],
  ['application/json', 'JSON'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'XLSX'],
  ['application/vnd.ms-excel.sheet.macroenabled.12', 'XLSX'],
  ['application/vnd.apache.parquet', 'PARQUET'],
  ['application/x-parquet', 'PARQUET'],
]);

type NamedFile = Pick<RemoteFile, 'fileName' | 'contentType'>;

/** How a file is to be read, by its name, else by its media type; null when neither tells. */
export function formatOf({ fileName, contentType }: NamedFile): UploadFormat | null {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  return uploadFormatOf(fileName) ?? formatOfType.get(type.trim()) ?? null;
}

/**
 * How a file is to be read: by its name, its media type, or what lies in it, a ZIP archive or not.
 * @throws UnreadableSourceError when nothing tells
 */
export async function tellFormat(named: NamedFile, file: SourceFile, entry: string | null): Promise<UploadFormat> {
  const format = formatOf(named) ?? (await readInnerFormat(file, entry));
  if (format !== null) return format;
  throw new UnreadableSourceError(
    `Neither the name ${JSON.stringify(named.fileName)} of the file nor its type ${named.contentType ?? '(none)'} tells the format: say one of ${uploadFormats.join(', ')}.`,
  );
}
