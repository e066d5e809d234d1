import type { FileSource } from '../domain/job.ts';
import { fileKindOf, kindNames, magicBytes, readFileKind } from './file-kind.ts';
import { gunzip } from './gunzip.ts';
import { countBytes, type SourceFile } from './source-file.ts';
import type { SourceProgress } from './source-row.ts';
import { unpackLimits } from './unpack-limits.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';
import { withWholeHead } from './with-whole-head.ts';
import { chooseZipEntry } from './zip/choose-zip-entry.ts';
import { assertNoEntryNamed, isWorkbook, wrongKind } from './zip/packed-content.ts';
import { listZipEntries } from './zip/open-zip.ts';
import { readZipEntry } from './zip/read-zip-entry.ts';

/**
 * The bytes of a text, unpacked when its file is gzip or a ZIP archive (told by its first bytes, not by its name). Keeps
 * `progress` up to date. Reads only as fast as it is read. @throws UnreadableSourceError
 */
export async function* readTextBytes(
  file: SourceFile,
  source: FileSource,
  progress: SourceProgress,
): AsyncGenerator<Buffer> {
  progress.bytesTotal = file.byteSize;
  const kind = await readFileKind(file);
  if (kind === 'ZIP') {
    const entries = await listZipEntries(file);
    if (isWorkbook(entries)) throw wrongKind(source.format, 'an XLSX workbook');
    const entry = chooseZipEntry(entries, source.entry, source.format);
    return yield* assertText(
      readZipEntry(file, entry, unpackLimits, progress),
      source,
      `${JSON.stringify(entry.name)} in the ZIP archive`,
    );
  }
  assertNoEntryNamed(source);
  if (kind !== 'TEXT' && kind !== 'GZIP') throw wrongKind(source.format, kindNames[kind]);
  const stored = await file.read();
  if (kind === 'TEXT') return yield* countBytes(stored, progress);
  yield* assertText(gunzip(stored, file.byteSize, unpackLimits, progress), source, 'What the gzip file holds');
}

async function* assertText(
  unpacked: AsyncIterable<Buffer>,
  { format }: FileSource,
  what: string,
): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const bytes of withWholeHead(unpacked, magicBytes)) {
    const kind = isFirst ? fileKindOf(bytes) : 'TEXT';
    isFirst = false;
    if (kind !== 'TEXT') throw new UnreadableSourceError(`${what} is ${kindNames[kind]}, not ${format}. Pack it once.`);
    yield bytes;
  }
}
