import { createHash } from 'node:crypto';
import { DeleteObjectCommand, DeleteObjectsCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';

/** What one request takes. */
const mostKeys = 1_000;
const batchesAtATime = 4;
/** Where a store takes them only one by one. */
const deletesAtATime = 8;

/** A file that the store did not delete, and what it said. */
export interface KeptObject {
  key: string;
  error: S3ServiceException;
}

/** Deletes objects, 1,000 by a request. Gives those that the store kept; what is wrong with a whole request is thrown. */
export async function deleteS3Objects(
  client: S3Client,
  Bucket: string,
  keys: readonly string[],
): Promise<KeptObject[]> {
  if (keys.length <= 1) {
    await deleteOneByOne(client, Bucket, keys);
    return [];
  }
  const limit = pLimit(batchesAtATime);
  const batches = Array.from({ length: Math.ceil(keys.length / mostKeys) }, (_, at) =>
    keys.slice(at * mostKeys, (at + 1) * mostKeys),
  );
  const kept = await Promise.all(batches.map((batch) => limit(() => deleteBatch(client, Bucket, batch))));
  return kept.flat();
}

async function deleteBatch(client: S3Client, Bucket: string, keys: readonly string[]): Promise<KeptObject[]> {
  const command = new DeleteObjectsCommand({
    Bucket,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  });
  command.middlewareStack.add((next) => (args) => next({ ...args, request: withMd5(args.request) }), { step: 'build' });
  const answer = await client.send(command).catch(nullWhenUnknown);
  if (!answer) {
    await deleteOneByOne(client, Bucket, keys);
    return [];
  }
  const { Errors = [] } = answer;
  return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code = 'Unknown', Message = '' }) => ({
    key: Key,
    error: new S3ServiceException({ name: Code, message: Message, $fault: 'server', $metadata: {} }),
  }));
}

/** Amazon takes this hash as well as the newer ones that the SDK sends; other stores know it alone, and refuse the request without. */
function withMd5(request: unknown): unknown {
  // At this step of the SDK's stack it is one of HTTP, and its body is the XML that was built.
  const built = request as { headers: Record<string, string>; body: string | Uint8Array };
  const headers = Object.entries(built.headers).filter(([name]) => !/^x-amz-(sdk-)?checksum/i.test(name));
  built.headers = {
    ...Object.fromEntries(headers),
    'content-md5': createHash('md5').update(built.body).digest('base64'),
  };
  return built;
}

async function deleteOneByOne(client: S3Client, Bucket: string, keys: readonly string[]): Promise<void> {
  const limit = pLimit(deletesAtATime);
  await Promise.all(keys.map((Key) => limit(() => client.send(new DeleteObjectCommand({ Bucket, Key })))));
}

function nullWhenUnknown(error: unknown): null {
  if (error instanceof Error && ['NotImplemented', 'MethodNotAllowed'].includes(error.name)) return null;
  throw error;
}
