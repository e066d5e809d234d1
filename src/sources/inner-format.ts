import type { UploadFormat } from '../domain/job.ts';
import { uploadFormatOf } from '../domain/upload-format.ts';
import { readFileKind } from './file-kind.ts';
import type { SourceFile } from './source-file.ts';
import { chooseZipEntry } from './zip/choose-zip-entry.ts';
import { listZipEntries } from './zip/open-zip.ts';
import { isWorkbook } from './zip/packed-content.ts';

/**
 * The format of a file whose own name tells none, by what it holds: PARQUET, XLSX, or that of the file in its ZIP archive, by
 * that one's name. Null for what begins like text. @throws UnreadableSourceError when several files may be meant
 */
export async function readInnerFormat(file: SourceFile, entry: string | null): Promise<UploadFormat | null> {
  const kind = await readFileKind(file);
  if (kind === 'PARQUET') return 'PARQUET';
  if (kind !== 'ZIP') return null;
  const entries = await listZipEntries(file);
  if (isWorkbook(entries)) return 'XLSX';
  return uploadFormatOf(chooseZipEntry(entries, entry, null).name);
}
