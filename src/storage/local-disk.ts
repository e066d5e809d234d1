import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { InvalidInputError, LimitExceededError, NotFoundError, toError } from '../domain/errors.ts';
import type { Storage, StoredObject } from './storage.ts';

type PutOptions = NonNullable<Parameters<Storage['put']>[2]>;

/**
 * Keeps files under `rootDir`, which API and workers share. A file is written beside its place, flushed and then renamed,
 * so that readers see it whole or not at all; what a crash leaves behind is removed by `deleteAbandoned`, and by the next process that writes.
 */
export function createLocalDiskStorage(rootDir: string): Storage {
  const root = resolve(rootDir);
  const pathOf = (key: string) => join(root, ...checkedSegments(key));
  let prepared: Promise<void> | null = null;

  return {
    async put(key, content, options = {}) {
      try {
        const path = pathOf(key);
        prepared ??= removeAbandonedFiles(root);
        await prepared;
        await makeDirectory(dirname(path));
        return await putFile(path, content, options);
      } finally {
        // Whoever gave the stream away does not close it any more, also when it was never read.
        content.destroy();
      }
    },

    async get(key, range) {
      const file = await openExisting(pathOf(key));
      if (file) return file.createReadStream(range ?? {});
      throw new NotFoundError(`There is no file "${key}" in storage.`);
    },

    async head(key) {
      const found = await stat(pathOf(key)).catch(nullWhenMissing);
      return found?.isFile() ? { byteSize: found.size } : null;
    },

    async delete(key) {
      await rm(pathOf(key), { force: true, recursive: true });
    },

    deleteAbandoned: () => removeAbandonedFiles(root),
  };
}

async function putFile(path: string, content: Readable, options: PutOptions): Promise<StoredObject> {
  const partial = join(dirname(path), `${partialPrefix}${randomUUID()}`);
  const file = await open(partial, 'wx', 0o600);
  try {
    const stored = await writeContent(file, content, options);
    await rename(partial, path);
    await syncDirectory(dirname(path));
    return stored;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Closes the file, whatever happens. */
async function writeContent(file: FileHandle, content: Readable, options: PutOptions): Promise<StoredObject> {
  const { maxBytes = Infinity, sha256: expected, signal } = options;
  const hash = createHash('sha256');
  // A source that hangs must not hold back an abort.
  const abort = () => content.destroy(toError(signal?.reason));
  signal?.addEventListener('abort', abort);
  let byteSize = 0;
  try {
    signal?.throwIfAborted();
    for await (const piece of content) {
      const bytes = toBytes(piece);
      byteSize += bytes.length;
      if (byteSize > maxBytes) {
        throw new LimitExceededError(`The file is larger than ${maxBytes} bytes.`, { limit: maxBytes });
      }
      hash.update(bytes);
      await writeAll(file, bytes);
    }
    signal?.throwIfAborted();
    const sha256 = hash.digest('hex');
    if (expected !== undefined && expected !== sha256) {
      throw new InvalidInputError(`The content has the SHA-256 ${sha256}, but ${expected} was announced.`);
    }
    await file.sync();
    return { byteSize, sha256 };
  } finally {
    signal?.removeEventListener('abort', abort);
    await file.close();
  }
}

function toBytes(piece: unknown): Buffer {
  if (Buffer.isBuffer(piece)) return piece;
  if (typeof piece === 'string') return Buffer.from(piece);
  if (piece instanceof Uint8Array) return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  throw new TypeError(`Storage takes bytes or text, not ${typeof piece}.`);
}

/** One `write` may take only part of the bytes, when the disk is nearly full. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset);
    offset += bytesWritten;
  }
}

/** A rename outlives a power cut only once its directory is flushed. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncDirectory(dirname(first));
}

async function openExisting(path: string): Promise<FileHandle | null> {
  const file = await open(path, 'r').catch(nullWhenMissing);
  if (file === null || (await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
  throw error;
}

/** Keys never begin a segment with a dot, so that a partial file is no key and nobody climbs out of the root. */
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
const partialPrefix = '.partial-';

function checkedSegments(key: string): string[] {
  const segments = key.split('/');
  if (segments.every((each) => segment.test(each))) return segments;
  throw new InvalidInputError(
    `${JSON.stringify(key)} is no storage key: it needs segments of letters, digits, ".", "_" and "-" between slashes.`,
  );
}

/** No writer pauses this long between two pieces: an older partial file has lost its process. */
const abandonedAfterMs = 6 * 3_600_000;

async function removeAbandonedFiles(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(nullWhenMissing);
  for (const entry of entries ?? []) {
    if (!entry.isFile() || !entry.name.startsWith(partialPrefix)) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(nullWhenMissing);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}
