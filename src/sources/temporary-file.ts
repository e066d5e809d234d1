import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      read: async (range) => file.createReadStream({ start: 0, ...range, autoClose: false }),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
