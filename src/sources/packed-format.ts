import type { UploadFormat } from '../domain/job.ts';
import { uploadFormatOf } from '../domain/upload-format.ts';
import { readFileKind } from './file-kind.ts';
import type { SourceFile } from './source-file.ts';
import { chooseZipEntry } from './zip/choose-zip-entry.ts';
import { listZipEntries } from './zip/open-zip.ts';
import { isWorkbook } from './zip/packed-content.ts';

/**
 * The format of a file whose own name tells none: of the file in its ZIP archive, by that one's name, or XLSX; null when it
 * is no archive. @throws UnreadableSourceError when several files may be meant
 */
export async function readPackedFormat(file: SourceFile, entry: string | null): Promise<UploadFormat | null> {
  if ((await readFileKind(file)) !== 'ZIP') return null;
  const entries = await listZipEntries(file);
  if (isWorkbook(entries)) return 'XLSX';
  return uploadFormatOf(chooseZipEntry(entries, entry, null).name);
}
