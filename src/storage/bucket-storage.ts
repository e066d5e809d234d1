import { Readable } from 'node:stream';
import { ConflictError, toError } from '../domain/errors.ts';
import { createBucketDrafts } from './bucket-drafts.ts';
import { deleteBelow } from './bucket-files.ts';
import type { Bucket } from './bucket.ts';
import { readOn } from './read-on.ts';
import { checkStorageKey, isStorageKey } from './storage-key.ts';
import type { Storage, StoredObject, WriteOptions } from './storage.ts';
import { takeIn } from './take-in.ts';

/** Writers put a file of a few GB within this, or have died. */
const unfinishedMs = 24 * 3_600_000;
const pageSize = 1_000;

/**
 * Keeps files in the bucket of an object store, below `prefix` ("" for all of it, else like "longhaul/"), which belongs to
 * this storage alone. Any number of processes share it.
 */
export function createBucketStorage(bucket: Bucket, prefix: string): Storage {
  const at = (key: string) => `${prefix}${checkStorageKey(key)}`;
  const drafts = createBucketDrafts(bucket, prefix);

  async function put(key: string, content: Readable, options: WriteOptions, isNew: boolean): Promise<StoredObject> {
    return await taking(content, async () => {
      const { contentType, maxBytes = Infinity, signal } = options;
      // The store looks only when all is sent, which can be long from now.
      if (isNew && (await bucket.head(at(key)))) throw new ConflictError(`There is a file ${key} already.`);
      const { pieces, stored } = takeIn(content, options);
      const source = watchErrors(pieces);
      try {
        await bucket.put(at(key), source.pieces, { isNew, contentType, maxBytes, signal });
      } catch (error) {
        // A source that broke is not a bucket that does not answer.
        throw source.error() ?? error;
      }
      return stored();
    });
  }

  return {
    put: (key, content, options = {}) => put(key, content, options, false),
    putIfAbsent: (key, content, options = {}) => put(key, content, options, true),
    write: (key, content, options = {}) => taking(content, () => drafts.write(checkStorageKey(key), content, options)),
    draftSize: (key) => drafts.size(checkStorageKey(key)),
    async get(key, range) {
      const opened = await bucket.get(at(key), range);
      const left = new AbortController();
      const content = Readable.from(readOn(bucket, at(key), range, opened, left.signal), { objectMode: false });
      // Also when nobody ever read: the connection would stay.
      return content.once('close', () => {
        left.abort();
        opened.content.destroy();
      });
    },

    head: async (key) => await bucket.head(at(key)),

    async list(key, { after = null, limit = pageSize } = {}) {
      const { files, next } = await bucket.list(`${at(key)}/`, { after, limit });
      const own = files.map((file) => ({ ...file, key: file.key.slice(prefix.length) }));
      return { files: own.filter((file) => isStorageKey(file.key)), next };
    },

    async delete(key) {
      await bucket.delete([at(key)]);
      await deleteBelow(bucket, `${at(key)}/`);
      await drafts.delete(key);
    },

    deleteFiles: async (keys) => await bucket.delete(keys.map(at)),

    // Keys are made so that none begins with another one.
    deleteUnfinished: async (key) => await bucket.deleteUnfinished(at(key), null),

    async deleteAbandoned() {
      await drafts.deleteAbandoned();
      await bucket.deleteUnfinished(prefix, new Date(Date.now() - unfinishedMs));
    },

    linkTo: async (key, options) => await bucket.linkTo(at(key), options),
  };
}

function watchErrors(pieces: AsyncIterable<Buffer>): { pieces: AsyncIterable<Buffer>; error(): Error | null } {
  let error: Error | null = null;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* pieces;
    } catch (thrown) {
      error = toError(thrown);
      throw error;
    }
  }
  return { pieces: watched(), error: () => error };
}

/** Whoever gave the stream away neither closes it any more nor listens to it. */
async function taking<T>(content: Readable, store: () => Promise<T>): Promise<T> {
  content.on('error', () => undefined);
  try {
    return await store();
  } finally {
    content.destroy();
  }
}
