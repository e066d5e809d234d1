import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { IdempotencyStrategy, Storage, type ApiError } from '@google-cloud/storage';
import { GoogleAuth, JWT } from 'google-auth-library';
import pLimit from 'p-limit';
import { ConflictError, NotFoundError, toError } from '../domain/errors.ts';
import type { Bucket } from './bucket.ts';
import { contentDisposition } from './content-disposition.ts';
import { deleteAction } from './delete-action.ts';
import { findGcsProblem } from './gcs-problem.ts';
import { inParts } from './in-parts.ts';
import { toStorageProblem } from './storage-problem.ts';

export interface GcsOptions {
  bucket: string;
  /** Where Google is reached otherwise, or an emulator: by http it is asked without credentials. */
  endpoint: string | null;
  /** Of a service account; those of the environment unless given. Nothing else of its file is used: it can name servers. */
  credentials?: { clientEmail: string; privateKey: string };
}

/** Sent as it is in one request; what is larger goes by a resumable upload in pieces of this size. */
const partBytes = 8 * 2 ** 20;
/** What one request joins. */
const mostSources = 32;
const deletesAtATime = 16;
const timeoutMs = 60_000;
/** What signature version 4 allows. */
const longestLinkMs = 7 * 24 * 3_600_000;

/** A bucket of Google Cloud Storage. */
export function createGcsBucket(options: GcsOptions): Bucket {
  const name = `gs://${options.bucket}`;
  const bucket = createClient(options).bucket(options.bucket);

  /** `missing`: what is not there when nothing is found. */
  async function asking<T>(action: string, ask: () => Promise<T>, missing: 'FILE' | 'BUCKET' = 'FILE'): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      const error = toError(thrown);
      const problem = findGcsProblem(error) ?? (missing === 'BUCKET' && hasStatus(error, 404) ? 'NO_BUCKET' : null);
      throw problem ? toStorageProblem(name, action, problem, error) : error;
    }
  }

  async function joinUpTo32(parts: readonly string[], key: string): Promise<void> {
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) await bucket.file(only).copy(bucket.file(key));
    else await bucket.combine([...parts], key);
  }

  return {
    name,

    put: (key, pieces, { isNew, contentType, signal }) =>
      asking(
        `write ${key}`,
        async () => {
          const parts = inParts(pieces, partBytes);
          const first = await parts.next();
          const second = first.done ? first : await parts.next();
          const file = bucket.file(key);
          const preconditionOpts = isNew ? { ifGenerationMatch: 0 } : {};
          const upload = { contentType: contentType ?? 'application/octet-stream', preconditionOpts };
          try {
            if (second.done) {
              await file.save(first.done ? Buffer.alloc(0) : first.value, { ...upload, resumable: false });
              return;
            }
            const content = Readable.from(chain(first.value, second.value, parts), { objectMode: false });
            await pipeline(content, file.createWriteStream({ ...upload, resumable: true, chunkSize: partBytes }), {
              signal,
            });
          } catch (error) {
            signal?.throwIfAborted();
            throw hasStatus(error, 412) ? new ConflictError(`There is a file ${key} already.`) : error;
          } finally {
            await parts.return(undefined);
          }
        },
        'BUCKET',
      ),

    join: (parts, key) =>
      asking(`write ${key}`, async () => {
        const between: string[] = [];
        try {
          let sources = [...parts];
          while (sources.length > mostSources) {
            const joined: string[] = [];
            for (let at = 0; at < sources.length; at += mostSources) {
              // Beside the parts: whoever clears those away after a crash finds it.
              const target = `${parts[0]}.joined-${between.length}`;
              between.push(target);
              joined.push(target);
              await joinUpTo32(sources.slice(at, at + mostSources), target);
            }
            sources = joined;
          }
          await joinUpTo32(sources, key);
        } catch (error) {
          throw isMissing(error) ? new NotFoundError(`There are not all parts of ${key} any more.`) : error;
        } finally {
          for (const target of between) await bucket.file(target).delete({ ignoreNotFound: true });
        }
      }),

    get: (key, range, version) =>
      asking(`read ${key}`, async () => {
        // Its checksum is of the whole file: a range cannot be held to it.
        const validation = range === undefined ? 'crc32c' : false;
        const file = bucket.file(key, version ? { generation: version } : {});
        const content = file.createReadStream({ ...range, validation, decompress: false });
        let generation = '';
        content.once('response', ({ headers }: IncomingMessage) => {
          generation = String(headers['x-goog-generation'] ?? '');
        });
        try {
          // It asks only when it is read: from here on it is of this file, whatever replaces that.
          await once(content, 'readable');
          return { content, version: generation };
        } catch (error) {
          throw isMissing(error) ? new NotFoundError(`There is no file "${key}" in storage.`) : error;
        }
      }),

    head: (key) =>
      asking(`read ${key}`, async () => {
        try {
          const [metadata] = await bucket.file(key).getMetadata();
          return { byteSize: Number(metadata.size) };
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),

    list: (prefix, { after, limit }) =>
      asking(
        `list ${prefix}`,
        async () => {
          const page = { prefix, maxResults: limit, autoPaginate: false, pageToken: after ?? undefined };
          const [found, query] = await bucket.getFiles(page);
          const files = found.map(({ name: key, metadata }) => ({
            key,
            byteSize: Number(metadata.size),
            modifiedAt: new Date(metadata.updated ?? 0),
          }));
          const token = query && 'pageToken' in query ? query.pageToken : null;
          return { files, next: typeof token === 'string' && token !== '' ? token : null };
        },
        'BUCKET',
      ),

    // The client has no batches.
    delete: async (keys) => {
      const limit = pLimit(deletesAtATime);
      const kept: { key: string; error: Error }[] = [];
      const remove = (key: string) =>
        bucket
          .file(key)
          .delete({ ignoreNotFound: true })
          .catch((thrown: unknown) => kept.push({ key, error: toError(thrown) }));
      await Promise.all(keys.map((key) => limit(() => remove(key))));
      const [first] = kept;
      if (!first) return;
      const keptKeys = kept.map(({ key }) => key);
      await asking(deleteAction(keptKeys, keys.length), () => Promise.reject(first.error));
    },

    // Google forgets resumable uploads by itself, after a week.
    deleteUnfinished: async () => undefined,

    async linkTo(key, { method, expiresAt, fileName, contentType }) {
      const expires = new Date(Math.min(expiresAt.getTime(), Date.now() + longestLinkMs));
      const [link] = await asking(`sign a link to ${key}`, () =>
        bucket.file(key).getSignedUrl(
          method === 'PUT'
            ? { version: 'v4', action: 'write', expires, contentType }
            : {
                version: 'v4',
                action: 'read',
                expires,
                responseType: contentType,
                responseDisposition: fileName === undefined ? undefined : contentDisposition(fileName),
              },
        ),
      );
      return link;
    },
  };
}

function createClient({ endpoint, credentials }: GcsOptions): Storage {
  return new Storage({
    ...(endpoint
      ? { apiEndpoint: endpoint, useAuthWithCustomEndpoint: endpoint.startsWith('https:'), projectId: 'longhaul' }
      : {}),
    ...(credentials ? { authClient: createAuth(credentials) } : {}),
    timeout: timeoutMs,
    // Every write has the same effect twice: keys are written by one writer, or only where nothing is.
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways, maxRetries: 3, totalTimeout: 60 },
  });
}

/** Asks Google alone for tokens, whatever the file of the key says. */
function createAuth({ clientEmail, privateKey }: NonNullable<GcsOptions['credentials']>): GoogleAuth {
  const scopes = ['https://www.googleapis.com/auth/devstorage.read_write'];
  const auth = new GoogleAuth({ authClient: new JWT({ email: clientEmail, key: privateKey, scopes }) });
  // Links are signed with what stands here.
  auth.jsonContent = { client_email: clientEmail, private_key: privateKey };
  return auth;
}

async function* chain(first: Buffer, second: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield second;
  yield* rest;
}

function hasStatus(error: unknown, status: number): boolean {
  return (
    error instanceof Error && 'code' in error && Number((error satisfies Error as Partial<ApiError>).code) === status
  );
}

/** A file; a bucket that is not there is another matter. */
function isMissing(error: unknown): boolean {
  return hasStatus(error, 404) && findGcsProblem(toError(error)) === null;
}
