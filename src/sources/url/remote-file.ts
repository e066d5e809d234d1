import { basename } from 'node:path';
import { uploadFormats, type UploadFormat } from '../../domain/job.ts';
import { uploadFormatOf } from '../../domain/upload-format.ts';
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
]);

/** How a file is to be read, by its name, else by its media type; null when neither tells. */
export function formatOf({ fileName, contentType }: Pick<RemoteFile, 'fileName' | 'contentType'>): UploadFormat | null {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  return uploadFormatOf(fileName) ?? formatOfType.get(type.trim()) ?? null;
}

export function unknownFormat({ fileName, contentType }: Pick<RemoteFile, 'fileName' | 'contentType'>) {
  return new UnreadableSourceError(
    `Neither the name ${JSON.stringify(fileName)} of the file nor its type ${contentType ?? '(none)'} tells the format: say one of ${uploadFormats.join(', ')}.`,
  );
}
