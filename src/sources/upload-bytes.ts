import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { NotFoundError, toError } from '../domain/errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { SourceProgress } from './source-row.ts';
import { UnreadableSourceError } from './unreadable-source-error.ts';

/** Where the file of an upload lies in storage. */
export function uploadKey(uploadId: string): string {
  return `uploads/${uploadId}`;
}

/**
 * The bytes of an upload, unpacked when it is gzip (told by its first bytes, not by its name). Keeps `progress` up to date.
 * Reads only as fast as it is read. @throws NotFoundError, UnreadableSourceError
 */
export async function* readUploadBytes(
  storage: Pick<Storage, 'get' | 'head'>,
  uploadId: string,
  progress: SourceProgress,
): AsyncGenerator<Buffer> {
  const key = uploadKey(uploadId);
  const file = await storage.head(key);
  if (!file) throw new NotFoundError(`Upload ${uploadId} has no file: it was not received, or it was deleted.`);
  progress.bytesTotal = file.byteSize;
  yield* unpack(await storage.get(key), await isGzip(storage, key), progress);
}

async function isGzip(storage: Pick<Storage, 'get'>, key: string): Promise<boolean> {
  // RFC 1952, 2.3.1
  const magic: number[] = [];
  for await (const bytes of await storage.get(key, { start: 0, end: 1 })) magic.push(...bytes);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

async function* unpack(stored: Readable, isPacked: boolean, progress: SourceProgress): AsyncGenerator<Buffer> {
  const counted = count(stored, progress);
  if (!isPacked) return yield* counted;
  const gunzip = createGunzip();
  // Ends both streams when either fails or the reader stops; the reader sees the error itself.
  pipeline(counted, gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (thrown) {
    const error = toError(thrown);
    if (!('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new UnreadableSourceError(
      `The file begins like gzip but cannot be unpacked: ${error.message}. Was it sent whole?`,
      error,
    );
  }
}

async function* count(stored: Readable, progress: SourceProgress): AsyncGenerator<Buffer> {
  for await (const bytes of stored) {
    progress.bytesRead += bytes.length;
    yield bytes;
  }
}
