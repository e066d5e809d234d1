import type { FileSource } from '../domain/job.ts';
import { kindNames, readFileKind, type FileKind } from './file-kind.ts';
import { gunzip } from './gunzip.ts';
import type { SourceFile } from './source-file.ts';
import { storeTemporarily } from './temporary-file.ts';
import { temporaryFileLimits, type UnpackLimits } from './unpack-limits.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';
import { chooseZipEntry } from './zip/choose-zip-entry.ts';
import { listZipEntries } from './zip/open-zip.ts';
import { assertNoEntryNamed, isWorkbook, wrongKind } from './zip/packed-content.ts';
import { readZipEntry } from './zip/read-zip-entry.ts';

/** A format that is not read from the beginning to the end, and the bytes that it begins with. */
interface RandomAccessFormat {
  kind: FileKind;
  is(file: SourceFile): Promise<boolean>;
}

const formats = {
  XLSX: { kind: 'ZIP', is: async (file) => isWorkbook(await listZipEntries(file)) },
  PARQUET: { kind: 'PARQUET', is: async () => true },
} satisfies Record<string, RandomAccessFormat>;

/**
 * Lends a workbook or a Parquet file to `read`, at any place of it. One that is packed (gzip, ZIP) lies on disk meanwhile.
 * @throws UnreadableSourceError
 */
export async function* withRandomAccess<T>(
  file: SourceFile,
  source: FileSource & { format: keyof typeof formats },
  read: (file: SourceFile) => AsyncIterable<T>,
  limits: UnpackLimits = temporaryFileLimits,
): AsyncGenerator<T> {
  const format: RandomAccessFormat = formats[source.format];
  const kind = await readFileKind(file);
  if (kind === format.kind && (await format.is(file))) {
    assertNoEntryNamed(source);
    return yield* read(file);
  }
  const unpacked = await findPacked(file, source, kind, limits);
  const temporary = await storeTemporarily(unpacked.pieces);
  try {
    const innerKind = await readFileKind(temporary);
    if (innerKind !== format.kind || !(await format.is(temporary))) {
      throw new UnreadableSourceError(
        `${unpacked.what} is ${kindNames[innerKind]}, not ${source.format}. Pack it once.`,
      );
    }
    yield* read(temporary);
  } finally {
    await temporary.close();
  }
}

async function findPacked(
  file: SourceFile,
  source: FileSource,
  kind: FileKind,
  limits: UnpackLimits,
): Promise<{ what: string; pieces: AsyncIterable<Buffer> }> {
  if (kind === 'GZIP') {
    assertNoEntryNamed(source);
    return {
      what: 'What the gzip file holds',
      pieces: gunzipFile(file, limits),
    };
  }
  if (kind !== 'ZIP') throw wrongKind(source.format, kindNames[kind]);
  const entries = await listZipEntries(file);
  if (isWorkbook(entries)) throw wrongKind(source.format, 'an XLSX workbook');
  const entry = chooseZipEntry(entries, source.entry, source.format);
  return {
    what: `${JSON.stringify(entry.name)} in the ZIP archive`,
    pieces: readZipEntry(file, entry, limits),
  };
}

/** Opens the file when it is read, so that nobody else has to close it. */
async function* gunzipFile(file: SourceFile, limits: UnpackLimits): AsyncGenerator<Buffer> {
  yield* gunzip(await file.read(), file.byteSize, limits);
}
