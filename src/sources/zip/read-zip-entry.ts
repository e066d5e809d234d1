import { pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { toError } from '../../domain/errors.ts';
import { countBytes, type SourceFile } from '../source-file.ts';
import type { SourceProgress } from '../source-row.ts';
import { assertUnpacked, type UnpackLimits } from '../unpack-limits.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { ZipEntry } from './open-zip.ts';

/**
 * Unpacks one file of an archive, as fast as it is read, and holds it to the size and the checksum that the archive states.
 * @throws UnreadableSourceError
 */
export async function* readZipEntry(
  archive: SourceFile,
  entry: ZipEntry,
  limits: UnpackLimits,
  progress: SourceProgress = { bytesRead: 0, bytesTotal: 0 },
): AsyncGenerator<Buffer> {
  const what = `${JSON.stringify(entry.name)} in the ZIP archive`;
  assertUnpacked(what, entry.packedBytes, entry.unpackedBytes, limits);
  const { start, end } = await entry.locate();
  progress.bytesTotal = end - start;
  let unpackedBytes = 0;
  let checksum = 0;
  if (end > start) {
    const packed = await archive.read({ start, end: end - 1 });
    for await (const bytes of entry.isDeflated ? inflate(packed, what, progress) : countBytes(packed, progress)) {
      unpackedBytes += bytes.length;
      if (unpackedBytes > entry.unpackedBytes) throw wrongSize(what, 'larger', entry);
      checksum = crc32(bytes, checksum);
      yield bytes;
    }
  }
  if (unpackedBytes < entry.unpackedBytes) throw wrongSize(what, 'smaller', entry);
  if (checksum !== entry.crc32) throw new UnreadableSourceError(`${what} is damaged: its checksum is another one.`);
}

/** Counts what was unpacked, not what was read ahead. */
async function* inflate(packed: AsyncIterable<Buffer>, what: string, progress: SourceProgress): AsyncGenerator<Buffer> {
  const unpack = createInflateRaw();
  // Ends both streams when either fails or the reader stops; the reader sees the error itself.
  pipeline(packed, unpack, () => undefined);
  try {
    // A stream of bytes, whose type does not say so.
    for await (const bytes of unpack as Readable & AsyncIterable<Buffer>) {
      progress.bytesRead = unpack.bytesWritten;
      yield bytes;
    }
  } catch (thrown) {
    const error = toError(thrown);
    if (!('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new UnreadableSourceError(`${what} cannot be unpacked: ${error.message}. Was it sent whole?`, error);
  }
}

function wrongSize(what: string, than: string, entry: ZipEntry): UnreadableSourceError {
  return new UnreadableSourceError(`${what} is ${than} than the ${entry.unpackedBytes} bytes that the archive states.`);
}
