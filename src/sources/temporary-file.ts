import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SourceFile } from './source-file.ts';

export interface TemporaryFile extends SourceFile {
  close(): Promise<void>;
}

/** A file without a name, for reading and writing: it is gone when it is closed or its process ends, however that ends. */
export async function openTemporaryFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `longhaul-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Puts a stream down where it can be read at any place: a packed file that is not read from its beginning to its end. */
export async function storeTemporarily(pieces: AsyncIterable<Buffer>): Promise<TemporaryFile> {
  const file = await openTemporaryFile();
  try {
    let byteSize = 0;
    for await (const bytes of pieces) {
      for (let offset = 0; offset < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset, byteSize + offset);
        offset += bytesWritten;
      }
      byteSize += bytes.length;
    }
    return {
      byteSize,
      read: async ({ start, end } = { start: 0, end: byteSize - 1 }) =>
        Readable.from(readPieces(file, start, end), { objectMode: false }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const pieceBytes = 65_536;

/** Not a read stream of the handle: each of those listens to it for as long as it is open. */
async function* readPieces(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at <= end;) {
    const wanted = Math.min(pieceBytes, end + 1 - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
