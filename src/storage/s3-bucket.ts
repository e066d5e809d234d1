import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import pLimit from 'p-limit';
import { ConflictError, NotFoundError, toError } from '../domain/errors.ts';
import type { Bucket, PutOptions } from './bucket.ts';
import { contentDisposition } from './content-disposition.ts';
import { deleteAction } from './delete-action.ts';
import { inParts } from './in-parts.ts';
import { createS3Client, type S3Options } from './s3-client.ts';
import { deleteS3Objects } from './s3-deletes.ts';
import { findS3Problem } from './s3-problem.ts';
import { toStorageProblem } from './storage-problem.ts';

const leastPartBytes = 8 * 2 ** 20;
const mostParts = 10_000;
const copiesAtATime = 4;
/** What signature version 4 allows. */
const longestLinkSeconds = 7 * 24 * 3_600;

/** A bucket of Amazon S3 or of anything that speaks its protocol: R2, MinIO, Ceph, SeaweedFS, Google's interoperable API. */
export function createS3Bucket(options: S3Options): Bucket {
  const { bucket: Bucket } = options;
  const name = `s3://${Bucket}`;
  const client = createS3Client(options);

  async function asking<T>(action: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (thrown) {
      const error = toError(thrown);
      const problem = findS3Problem(error);
      throw problem ? toStorageProblem(name, action, problem, error) : error;
    }
  }

  async function inUpload(
    key: string,
    { contentType: ContentType, isNew }: Pick<PutOptions, 'contentType' | 'isNew'>,
    store: (
      addPart: (number: number, send: (at: UploadAt) => Promise<string | undefined>) => Promise<void>,
    ) => Promise<void>,
  ): Promise<void> {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: key, ContentType }));
    const upload = { Bucket, Key: key, UploadId };
    try {
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      await store(async (PartNumber, send) => {
        parts.push({ PartNumber, ETag: await send({ ...upload, PartNumber }) });
      });
      const Parts = parts.sort((a, b) => a.PartNumber - b.PartNumber);
      await client.send(
        new CompleteMultipartUploadCommand({ ...upload, ...onlyIf(isNew), MultipartUpload: { Parts } }),
      );
    } catch (error) {
      // Where this fails too, `deleteUnfinished` finds it.
      await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  return {
    name,

    put: (key, pieces, put) =>
      asking(`write ${key}`, async () => {
        const partBytes = Math.max(leastPartBytes, put.maxBytes === Infinity ? 0 : Math.ceil(put.maxBytes / mostParts));
        const parts = inParts(pieces, partBytes);
        const first = await parts.next();
        const second = first.done ? first : await parts.next();
        const abort = put.signal ? { abortSignal: put.signal } : {};
        try {
          if (second.done) {
            const Body = first.done ? Buffer.alloc(0) : first.value;
            const one = { Bucket, Key: key, Body, ContentType: put.contentType, ...onlyIf(put.isNew) };
            return void (await client.send(new PutObjectCommand(one), abort));
          }
          await inUpload(key, put, async (addPart) => {
            let number = 0;
            let sending: Promise<void> = Promise.resolve();
            try {
              for await (const Body of chain(first.value, second.value, parts)) {
                await sending;
                number += 1;
                sending = addPart(number, async (at) => {
                  const sent = await client.send(new UploadPartCommand({ ...at, Body }), abort);
                  return sent.ETag;
                });
                // Whoever waits for it next is told.
                sending.catch(() => undefined);
              }
            } finally {
              // A part that arrives behind the end of its upload would stay for good.
              await sending;
            }
          });
        } catch (error) {
          put.signal?.throwIfAborted();
          throw isTaken(error) ? new ConflictError(`There is a file ${key} already.`) : error;
        } finally {
          await parts.return(undefined);
        }
      }),

    join: (parts, key) =>
      asking(`write ${key}`, async () => {
        const sourceOf = (part: string) => `${Bucket}/${part}`;
        const [only, ...others] = parts;
        try {
          if (only !== undefined && others.length === 0) {
            return void (await client.send(new CopyObjectCommand({ Bucket, Key: key, CopySource: sourceOf(only) })));
          }
          await inUpload(key, { contentType: undefined, isNew: false }, async (addPart) => {
            const limit = pLimit(copiesAtATime);
            const failures: Error[] = [];
            const copy = async (part: string, index: number) => {
              if (failures.length > 0) return;
              await addPart(index + 1, async (at) => {
                const copied = await client.send(new UploadPartCopyCommand({ ...at, CopySource: sourceOf(part) }));
                return copied.CopyPartResult?.ETag;
              }).catch((thrown: unknown) => failures.push(toError(thrown)));
            };
            await Promise.all(parts.map((part, index) => limit(() => copy(part, index))));
            const [failure] = failures;
            if (failure) throw failure;
          });
        } catch (error) {
          throw isMissing(error) ? new NotFoundError(`There are not all parts of ${key} any more.`) : error;
        }
      }),

    get: (key, range, version) =>
      asking(`read ${key}`, async () => {
        const Range = range && `bytes=${range.start}-${range.end ?? ''}`;
        const wanted = { Bucket, Key: key, Range, IfMatch: version };
        const found = await client.send(new GetObjectCommand(wanted)).catch((error: unknown) => {
          if (isMissing(error) || (version !== undefined && isTaken(error))) {
            throw new NotFoundError(`There is no file "${key}" in storage${version === undefined ? '' : ' any more'}.`);
          }
          throw error;
        });
        if (found.Body instanceof Readable) return { content: found.Body, version: found.ETag ?? '' };
        throw new TypeError('The SDK gave a body that is no stream of Node.');
      }),

    head: (key) =>
      asking(`read ${key}`, async () => {
        const found = await client.send(new HeadObjectCommand({ Bucket, Key: key })).catch(nullWhenMissing);
        return found ? { byteSize: found.ContentLength ?? 0 } : null;
      }),

    list: (Prefix, { after, limit: MaxKeys }) =>
      asking(`list ${Prefix}`, async () => {
        const page = { Bucket, Prefix, MaxKeys, ContinuationToken: after ?? undefined };
        const { Contents = [], NextContinuationToken } = await client.send(new ListObjectsV2Command(page));
        const files = Contents.map(({ Key = '', Size = 0, LastModified = new Date(0) }) => ({
          key: Key,
          byteSize: Size,
          modifiedAt: LastModified,
        }));
        return { files, next: NextContinuationToken ?? null };
      }),

    delete: async (keys) => {
      const kept = await asking(deleteAction(keys, keys.length), () => deleteS3Objects(client, Bucket, keys));
      const [first] = kept;
      if (!first) return;
      const keptKeys = kept.map(({ key }) => key);
      await asking(deleteAction(keptKeys, keys.length), () => Promise.reject(first.error));
    },

    deleteUnfinished: (Prefix, before) =>
      asking(`list the uploads below ${Prefix}`, async () => {
        let next: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
        while (next) {
          const page: ListMultipartUploadsCommandOutput | null = await client
            .send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...next }))
            .catch(nullWhenUnknown);
          for (const { Key, UploadId, Initiated } of page?.Uploads ?? []) {
            if (before && (!Initiated || Initiated >= before)) continue;
            await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(nullWhenMissing);
          }
          next = page?.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null;
        }
      }),

    async linkTo(Key, { method, expiresAt, fileName, contentType }) {
      const left = Math.floor((expiresAt.getTime() - Date.now()) / 1_000);
      const expiresIn = Math.max(1, Math.min(left, longestLinkSeconds));
      if (method === 'PUT') {
        const command = new PutObjectCommand({ Bucket, Key, ContentType: contentType });
        return await getSignedUrl(client, command, { expiresIn, signableHeaders: new Set(['content-type']) });
      }
      const command = new GetObjectCommand({
        Bucket,
        Key,
        ResponseContentType: contentType,
        ResponseContentDisposition: fileName === undefined ? undefined : contentDisposition(fileName),
      });
      return await getSignedUrl(client, command, { expiresIn });
    },
  };
}

interface UploadAt {
  Bucket: string;
  Key: string;
  UploadId: string | undefined;
  PartNumber: number;
}

const onlyIf = (isNew: boolean) => (isNew ? { IfNoneMatch: '*' } : {});

async function* chain(first: Buffer, second: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield second;
  yield* rest;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && ['NotFound', 'NoSuchKey', 'NoSuchUpload'].includes(error.name);
}

/** 409 is what a store says of two such writers at once. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && ['PreconditionFailed', 'ConditionalRequestConflict'].includes(error.name);
}

function nullWhenMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** Some stores cannot list them; there a rule of the bucket's life cycle does it. */
function nullWhenUnknown(error: unknown): null {
  if (error instanceof Error && ['NotImplemented', 'MethodNotAllowed'].includes(error.name)) return null;
  throw error;
}
