import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { ConflictError, LimitExceededError, NotFoundError } from '../domain/errors.ts';
import { listDiskFiles } from './list-disk-files.ts';
import { nullWhenMissing } from './null-when-missing.ts';
import { checkStorageKey } from './storage-key.ts';
import type { Draft, DraftOptions, Storage, StoredObject, WriteOptions } from './storage.ts';
import { takeIn } from './take-in.ts';

/**
 * Keeps files under `rootDir`, which API and workers share. A file is written beside its place, flushed and then renamed,
 * so that readers see it whole or not at all; what a crash leaves behind is removed by `deleteAbandoned`, and by the next process that writes.
 */
export function createLocalDiskStorage(rootDir: string): Storage {
  const root = resolve(rootDir);
  const pathOf = (key: string) => join(root, checkStorageKey(key));
  let prepared: Promise<void> | null = null;

  async function taking<T>(key: string, content: Readable, write: (path: string) => Promise<T>): Promise<T> {
    // Reading it tells of an error; one that comes before or after that must not end the process.
    content.on('error', () => undefined);
    try {
      const path = pathOf(key);
      prepared ??= removeAbandonedFiles(root);
      await prepared;
      await makeDirectory(dirname(path));
      return await write(path);
    } finally {
      // Whoever gave the stream away does not close it any more, also when it was never read.
      content.destroy();
    }
  }

  return {
    put: (key, content, options = {}) => taking(key, content, (path) => putFile(path, content, options, publishFile)),

    putIfAbsent: (key, content, options = {}) =>
      taking(key, content, (path) => putFile(path, content, options, publishNewFile)),

    write: (key, content, options = {}) => taking(key, content, (path) => writeDraft(path, content, options)),

    async draftSize(key) {
      return (await listWritings(pathOf(key), draftPrefix))[0]?.byteSize ?? 0;
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

    list: (key, page = {}) => listDiskFiles(root, checkStorageKey(key), page),

    async delete(key) {
      const path = pathOf(key);
      await removeWritings(await listWritings(path, draftPrefix));
      await rm(path, { force: true, recursive: true });
    },

    async deleteFiles(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true });
    },

    deleteUnfinished: async (key) => removeWritings(await listWritings(pathOf(key), partialPrefix)),

    deleteAbandoned: () => removeAbandonedFiles(root),

    linkTo: async () => null,
  };
}

async function putFile(
  path: string,
  content: Readable,
  options: WriteOptions,
  publish: (partial: string, path: string) => Promise<void>,
): Promise<StoredObject> {
  const partial = join(dirname(path), `${partialPrefix}${randomUUID()}-${basename(path)}`);
  const file = await open(partial, 'wx', 0o600);
  try {
    const stored = await writeContent(file, content, options);
    await publish(partial, path);
    return stored;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** @throws ConflictError when a newer writer began anew and took the file away */
async function publishFile(written: string, path: string): Promise<void> {
  await rename(written, path).catch((error: unknown) => {
    if (nullWhenMissing(error) === null) throw new ConflictError('A newer writer took over.');
  });
  await syncDirectory(dirname(path));
}

/** A link, other than a rename, does not replace. @throws ConflictError when there is a file */
async function publishNewFile(written: string, path: string): Promise<void> {
  await link(written, path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new ConflictError('There is a file already.');
  });
  await rm(written);
  await syncDirectory(dirname(path));
}

/** Copies what it goes on with: a writer that was taken for dead may still hold the older file open. */
async function writeDraft(path: string, content: Readable, options: DraftOptions): Promise<Draft> {
  const { offset = 0 } = options;
  const older = await listWritings(path, draftPrefix);
  const [largest] = older;
  if (offset > (largest?.byteSize ?? 0)) {
    throw new ConflictError(`${largest?.byteSize ?? 0} bytes are there: go on behind them, not behind ${offset}.`);
  }
  if (offset === 0) await removeWritings(older);
  const draft = join(dirname(path), `${draftPrefix}${randomUUID()}-${basename(path)}`);
  const file = await open(draft, 'wx', 0o600);
  let stored: StoredObject;
  try {
    const before = largest && offset > 0 ? createReadStream(largest.path, { end: offset - 1 }) : null;
    stored = await writeContent(file, content, options, before);
  } catch (error) {
    if (error instanceof LimitExceededError) await rm(draft, { force: true });
    const [, ...smaller] = await listWritings(path, draftPrefix);
    await removeWritings(smaller);
    throw error;
  }
  await removeWritings(older);
  return {
    ...stored,
    publish: () => publishFile(draft, path),
    discard: () => rm(draft, { force: true }),
  };
}

interface Writing {
  path: string;
  byteSize: number;
}

/** Partial files or drafts of a key, largest first: all its drafts are beginnings of one file. */
async function listWritings(path: string, prefix: string): Promise<Writing[]> {
  const names = (await readdir(dirname(path)).catch(nullWhenMissing)) ?? [];
  const found: Writing[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix) || name.slice(prefix.length + uuidLength + 1) !== basename(path)) continue;
    const writing = join(dirname(path), name);
    const file = await stat(writing).catch(nullWhenMissing);
    if (file) found.push({ path: writing, byteSize: file.size });
  }
  return found.sort((a, b) => b.byteSize - a.byteSize);
}

async function removeWritings(writings: readonly Writing[]): Promise<void> {
  for (const { path } of writings) await rm(path, { force: true });
}

/** Writes what comes `before`, then the content. Closes the file, whatever happens. */
async function writeContent(
  file: FileHandle,
  content: Readable,
  options: WriteOptions & Pick<DraftOptions, 'watch'>,
  before: Readable | null = null,
): Promise<StoredObject> {
  const intake = takeIn(content, options, before);
  try {
    for await (const bytes of intake.pieces) await writeAll(file, bytes);
    await file.sync();
    return intake.stored();
  } finally {
    before?.destroy();
    await file.close();
  }
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

const partialPrefix = '.partial-';
const draftPrefix = '.draft-';
const uuidLength = 36;

/** No writer pauses this long between two pieces: an older partial file has lost its process. */
const abandonedPartialMs = 6 * 3_600_000;
/** A draft waits for its client to come back: drafts of uploads go with their upload before that. */
const abandonedDraftMs = 7 * 24 * 3_600_000;

async function removeAbandonedFiles(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(nullWhenMissing);
  for (const entry of entries ?? []) {
    const lifetimeMs = entry.isFile() ? lifetimeOf(entry.name) : Infinity;
    if (lifetimeMs === Infinity) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(nullWhenMissing);
    if (found && Date.now() - found.mtimeMs > lifetimeMs) await rm(path, { force: true });
  }
}

function lifetimeOf(name: string): number {
  if (name.startsWith(partialPrefix)) return abandonedPartialMs;
  return name.startsWith(draftPrefix) ? abandonedDraftMs : Infinity;
}
