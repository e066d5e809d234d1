import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { toError } from '../domain/errors.ts';
import type { SourceProgress } from './source-row.ts';
import { assertUnpacked, type UnpackLimits } from './unpack-limits.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

/** Unpacks gzip, as fast as it is read. `packed` is the whole file. Counts in `progress` what was unpacked of it, not what was read ahead. @throws UnreadableSourceError */
export async function* gunzip(
  packed: AsyncIterable<Buffer>,
  packedBytes: number,
  limits: UnpackLimits,
  progress: SourceProgress = { bytesRead: 0, bytesTotal: packedBytes },
): AsyncGenerator<Buffer> {
  const unpack = createGunzip();
  // Ends both streams when either fails or the reader stops; the reader sees the error itself.
  pipeline(packed, unpack, () => undefined);
  let unpackedBytes = 0;
  try {
    for await (const bytes of unpack) {
      unpackedBytes += bytes.length;
      assertUnpacked('The gzip file', packedBytes, unpackedBytes, limits);
      progress.bytesRead = unpack.bytesWritten;
      yield bytes;
    }
    progress.bytesRead = packedBytes;
  } catch (thrown) {
    const error = toError(thrown);
    if (!('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new UnreadableSourceError(
      `The file begins like gzip but cannot be unpacked: ${error.message}. Was it sent whole?`,
      error,
    );
  }
}
