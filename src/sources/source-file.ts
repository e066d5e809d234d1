import type { Readable } from 'node:stream';
import { NotFoundError } from '../domain/errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { SourceProgress } from './source-row.ts';

/** A file that lies still while it is read, at any place. */
export interface SourceFile {
  byteSize: number;
  /** The whole file, or a range of it with both ends included. */
  read(range?: { start: number; end: number }): Promise<Readable>;
}

/** Where the file of an upload lies in storage. */
export function uploadKey(uploadId: string): string {
  return `uploads/${uploadId}`;
}

/** @throws NotFoundError */
export async function openUploadFile(storage: Pick<Storage, 'get' | 'head'>, uploadId: string): Promise<SourceFile> {
  const key = uploadKey(uploadId);
  const file = await storage.head(key);
  if (!file) throw new NotFoundError(`Upload ${uploadId} has no file: it was not received, or it was deleted.`);
  return { byteSize: file.byteSize, read: (range) => storage.get(key, range) };
}

/** The bytes from `start` up to, not including, `end`; fewer where the file ends before. */
export async function readRange(file: SourceFile, start: number, end: number): Promise<Buffer> {
  const last = Math.min(end, file.byteSize) - 1;
  if (last < start) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  for await (const bytes of await file.read({ start, end: last })) pieces.push(bytes);
  return Buffer.concat(pieces);
}

/** The same bytes, counted as they are read. */
export async function* countBytes(stored: AsyncIterable<Buffer>, progress: SourceProgress): AsyncGenerator<Buffer> {
  for await (const bytes of stored) {
    progress.bytesRead += bytes.length;
    yield bytes;
  }
}
