import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ConflictError, LimitExceededError, NotFoundError } from '../domain/errors.ts';
import { deleteBelow, listPages } from './bucket-files.ts';
import type { Bucket } from './bucket.ts';
import { readOn } from './read-on.ts';
import type { Draft, DraftOptions } from './storage.ts';
import { takeIn } from './take-in.ts';

/** Unfinished files of a storage in a bucket. Keys are the storage's. */
export interface BucketDrafts {
  write(key: string, content: Readable, options: DraftOptions): Promise<Draft>;
  size(key: string): Promise<number>;
  /** Of the key and of those below it. */
  delete(key: string): Promise<void>;
  deleteAbandoned(): Promise<void>;
}

interface Part {
  key: string;
  offset: number;
  byteSize: number;
}

/** The beginning of one file, in parts that follow each other. */
interface StoredDraft {
  id: string;
  parts: Part[];
  byteSize: number;
}

/** A part is held in memory until it is full, one more while it is stored; a kill loses what was not stored. S3 joins none below 5 MiB. */
const partBytes = 8 * 2 ** 20;
/** As many parts are joined to one file. */
const mostParts = 10_000;
/** A draft waits for its client to come back: drafts of uploads go with their upload before that. */
const abandonedMs = 7 * 24 * 3_600_000;

/**
 * Each draft is a folder of parts, `.drafts/<key>/<id>/<offset>-<bytes>`, which lie there like other files: other than the parts of
 * an upload in several parts they can be read again, as they have to be for the hash of the whole.
 */
export function createBucketDrafts(bucket: Bucket, prefix: string): BucketDrafts {
  const root = `${prefix}.drafts/`;
  const folderOf = (key: string) => `${root}${key}/`;

  /** Largest first: all drafts of a key are beginnings of one file. */
  async function list(key: string): Promise<StoredDraft[]> {
    const parts = new Map<string, Part[]>();
    for await (const files of listPages(bucket, folderOf(key))) {
      for (const file of files) {
        const [, id, offset] = partName.exec(file.key.slice(folderOf(key).length)) ?? [];
        if (id === undefined) continue;
        const found = parts.get(id) ?? [];
        found.push({ ...file, offset: Number(offset) });
        parts.set(id, found);
      }
    }
    return [...parts].map(([id, found]) => toDraft(id, found)).sort((a, b) => b.byteSize - a.byteSize);
  }

  const remove = (key: string, drafts: readonly StoredDraft[]) =>
    Promise.all(drafts.map(({ id }) => deleteBelow(bucket, `${folderOf(key)}${id}/`)));

  async function write(key: string, content: Readable, options: DraftOptions): Promise<Draft> {
    const { offset = 0 } = options;
    const older = await list(key);
    const [largest] = older;
    if (offset > (largest?.byteSize ?? 0)) {
      throw new ConflictError(`${largest?.byteSize ?? 0} bytes are there: go on behind them, not behind ${offset}.`);
    }
    if (offset === 0) await remove(key, older);
    const draft = createDraftWriter(bucket, `${folderOf(key)}${randomUUID()}/`);
    const earlier = offset > 0 && largest ? largest.parts : [];
    const maxBytes = Math.min(options.maxBytes ?? Infinity, mostParts * partBytes);
    const intake = takeIn(content, { ...options, maxBytes }, offset > 0 ? readParts(bucket, earlier, offset) : null);
    try {
      await draft.keep(earlier, offset);
      for await (const bytes of intake.pieces) await draft.add(bytes);
      await draft.flush();
    } catch (error) {
      if (error instanceof LimitExceededError) await draft.discard();
      // What came is worth keeping; why it broke is worth more than whether that worked.
      else await draft.flush().catch(() => undefined);
      const [, ...smaller] = await list(key);
      await remove(key, smaller);
      throw error;
    }
    await remove(key, older);
    return {
      ...intake.stored(),
      publish: () => draft.publish(`${prefix}${key}`),
      discard: draft.discard,
    };
  }

  return {
    write,
    size: async (key) => (await list(key))[0]?.byteSize ?? 0,
    delete: (key) => deleteBelow(bucket, folderOf(key)),

    async deleteAbandoned() {
      const newest = new Map<string, number>();
      for await (const files of listPages(bucket, root)) {
        for (const { key, modifiedAt } of files) {
          const folder = key.slice(0, key.lastIndexOf('/') + 1);
          newest.set(folder, Math.max(newest.get(folder) ?? 0, modifiedAt.getTime()));
        }
      }
      for (const [folder, at] of newest) {
        if (Date.now() - at > abandonedMs) await deleteBelow(bucket, folder);
      }
    },
  };
}

/** Writes one draft. One part is on its way while the next one fills. */
function createDraftWriter(bucket: Bucket, folder: string) {
  const parts: Part[] = [];
  let held: Buffer[] = [];
  let heldBytes = 0;
  let storing: Promise<void> = Promise.resolve();
  /** Bytes that come again but are stored already. */
  let kept = 0;

  const end = () => (parts.at(-1)?.offset ?? 0) + (parts.at(-1)?.byteSize ?? 0);
  const nextPart = (byteSize: number): Part => ({
    key: `${folder}${String(end()).padStart(offsetDigits, '0')}-${byteSize}`,
    offset: end(),
    byteSize,
  });

  async function store(): Promise<void> {
    const content = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    await storing;
    const part = nextPart(content.length);
    parts.push(part);
    storing = bucket.put(part.key, once(content), {
      isNew: false,
      contentType: undefined,
      maxBytes: content.length,
      signal: undefined,
    });
    // Whoever waits for it next is told.
    storing.catch(() => undefined);
  }

  return {
    /** Takes over the full parts of an earlier draft below `offset`, without reading them. */
    async keep(earlier: readonly Part[], offset: number): Promise<void> {
      for (const { key, byteSize } of earlier) {
        if (byteSize !== partBytes || end() + byteSize > offset) break;
        const part = nextPart(byteSize);
        await bucket.join([key], part.key);
        parts.push(part);
      }
      kept = end();
    },

    async add(bytes: Buffer): Promise<void> {
      let rest = bytes.subarray(Math.min(kept, bytes.length));
      kept -= bytes.length - rest.length;
      while (heldBytes + rest.length >= partBytes) {
        const taken = partBytes - heldBytes;
        held.push(rest.subarray(0, taken));
        rest = rest.subarray(taken);
        await store();
      }
      if (rest.length === 0) return;
      held.push(rest);
      heldBytes += rest.length;
    },

    async flush(): Promise<void> {
      if (heldBytes > 0) await store();
      await storing;
    },

    async publish(key: string): Promise<void> {
      try {
        await (parts.length === 0
          ? bucket.put(key, once(Buffer.alloc(0)), emptyFile)
          : bucket.join(
              parts.map((part) => part.key),
              key,
            ));
      } catch (error) {
        if (error instanceof NotFoundError) throw new ConflictError('A newer writer took over.');
        throw error;
      }
      await bucket.delete(parts.map((part) => part.key));
    },

    discard: () => deleteBelow(bucket, folder),
  };
}

const emptyFile = { isNew: false, contentType: undefined, maxBytes: 0, signal: undefined };
const offsetDigits = 15;
const partName = /^([0-9a-f-]{36})\/(\d{15})-\d+$/;

/** What lies behind a gap is of no use: a kill may have left half of a draft that was being deleted. */
function toDraft(id: string, found: readonly Part[]): StoredDraft {
  const parts: Part[] = [];
  let byteSize = 0;
  for (const part of found.toSorted((a, b) => a.offset - b.offset)) {
    if (part.offset !== byteSize) break;
    parts.push(part);
    byteSize += part.byteSize;
  }
  return { id, parts, byteSize };
}

async function* readParts(bucket: Bucket, parts: readonly Part[], end: number): AsyncGenerator<unknown> {
  for (const { key, offset, byteSize } of parts) {
    if (offset >= end) return;
    const last = Math.min(byteSize, end - offset) - 1;
    const range = last === byteSize - 1 ? undefined : { start: 0, end: last };
    yield* readOn(bucket, key, range, await bucket.get(key, range));
  }
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
