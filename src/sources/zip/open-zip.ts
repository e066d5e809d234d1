import type { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { toError } from '../../domain/errors.ts';
import { readRange, type SourceFile } from '../source-file.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';

/** A file in an archive. Sizes are what the archive says; reading the entry holds it to them. */
export interface ZipEntry {
  name: string;
  /** Bytes in the archive. */
  packedBytes: number;
  unpackedBytes: number;
  crc32: number;
  isDeflated: boolean;
  /** Where the packed bytes begin and end in the archive; they overlap with no other entry. */
  locate(): Promise<{ start: number; end: number }>;
}

/** More than any archive of tables has, and their list would have to be held in memory. */
const maxEntries = 10_000;
const maxDirectoryBytes = 16 * 2 ** 20;

/** Lists the files of a ZIP archive, without its folders. @throws UnreadableSourceError */
export async function listZipEntries(file: SourceFile): Promise<ZipEntry[]> {
  const reader = new FileReader(file);
  const archive = await readArchive(reader, () =>
    fromRandomAccessReaderPromise(reader, file.byteSize, { autoClose: false }),
  );
  if (archive.entryCount > maxEntries) throw tooManyEntries();
  const entries = await readArchive(reader, () => readDirectory(archive));
  assertNoOverlap(entries, file.byteSize);
  const starts = entries.map(({ relativeOffsetOfLocalHeader: start }) => start).sort((a, b) => a - b);
  return entries
    .filter(({ fileName }) => !fileName.endsWith('/'))
    .map((entry) => ({
      name: entry.fileName,
      packedBytes: entry.compressedSize,
      unpackedBytes: entry.uncompressedSize,
      crc32: entry.crc32,
      isDeflated: entry.compressionMethod === 8,
      locate: async () => {
        assertReadable(entry);
        const header = await readArchive(reader, () => archive.readLocalFileHeaderPromise(entry, { minimal: true }));
        const start = header.fileDataStart;
        const end = start + entry.compressedSize;
        const next = starts.find((each) => each > entry.relativeOffsetOfLocalHeader) ?? file.byteSize;
        if (end > next) throw overlapping(entry.fileName);
        return { start, end };
      },
    }));
}

function readDirectory(archive: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    let directoryBytes = 0;
    archive.on('entry', (entry) => {
      entries.push(entry);
      directoryBytes += 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
      if (entries.length > maxEntries || directoryBytes > maxDirectoryBytes) reject(tooManyEntries());
      else archive.readEntry();
    });
    archive.on('end', () => resolve(entries));
    archive.on('error', reject);
    archive.readEntry();
  });
}

/** Entries that share bytes unfold many times from few bytes; no program that packs files writes them. */
function assertNoOverlap(entries: readonly Entry[], byteSize: number): void {
  const sorted = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const [index, entry] of sorted.entries()) {
    const next = sorted[index + 1]?.relativeOffsetOfLocalHeader ?? byteSize;
    if (entry.relativeOffsetOfLocalHeader + 30 + entry.fileNameLength + entry.compressedSize > next)
      throw overlapping(entry.fileName);
  }
}

function assertReadable(entry: Entry): void {
  const name = JSON.stringify(entry.fileName);
  if (entry.isEncrypted())
    throw new UnreadableSourceError(`${name} in the ZIP archive has a password. Pack it without.`);
  if (entry.compressionMethod === 0 || entry.compressionMethod === 8) return;
  throw new UnreadableSourceError(
    `${name} in the ZIP archive is packed by method ${entry.compressionMethod}; only deflate (8) and none (0) are read.`,
  );
}

function overlapping(name: string): UnreadableSourceError {
  return new UnreadableSourceError(`${JSON.stringify(name)} in the ZIP archive overlaps with what follows it.`);
}

function tooManyEntries(): UnreadableSourceError {
  return new UnreadableSourceError(`The ZIP archive has more than ${maxEntries} entries, or names beyond all measure.`);
}

/** What storage throws is passed on as it is: it may pass. What yauzl throws is about the archive. */
async function readArchive<T>(reader: FileReader, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (reader.storageError) throw reader.storageError;
    const error = toError(thrown);
    if (error instanceof UnreadableSourceError) throw error;
    throw new UnreadableSourceError(
      `The ZIP archive cannot be read: ${error.message.slice(0, 200)}. Was it sent whole?`,
      error,
    );
  }
}

const blockBytes = 65_536;

/** Reads the small pieces of a directory from blocks, so that storage is not asked for each of them. */
class FileReader extends RandomAccessReader {
  storageError: Error | null = null;
  readonly #file: SourceFile;
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;

  constructor(file: SourceFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(): Readable {
    throw new Error('Entries are read from the file itself.');
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#readBlock(position, length).then(
      (bytes) => {
        if (bytes.length < length) return callback(new Error('it ends too early'));
        bytes.copy(buffer, offset, 0, length);
        callback(null);
      },
      (thrown: unknown) => {
        this.storageError = toError(thrown);
        callback(this.storageError);
      },
    );
  }

  async #readBlock(position: number, length: number): Promise<Buffer> {
    const isWithin = position >= this.#blockStart && position + length <= this.#blockStart + this.#block.length;
    if (!isWithin) {
      this.#block = await readRange(this.#file, position, position + Math.max(length, blockBytes));
      this.#blockStart = position;
    }
    return this.#block.subarray(position - this.#blockStart, position - this.#blockStart + length);
  }
}
