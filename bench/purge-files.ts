// Deletes 10,000 files of a job from a bucket: one request for each, eight at a time, against `deleteFiles`, at an S3 server and at one that
// speaks Google's protocol on this machine. Prints a table and, last, one line of JSON.
//   node bench/purge-files.ts [files]
import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { createBucketStorage } from '../src/storage/bucket-storage.ts';
import type { Bucket } from '../src/storage/bucket.ts';
import { createGcsBucket } from '../src/storage/gcs-bucket.ts';
import { createS3Bucket } from '../src/storage/s3-bucket.ts';
import { s3Keys, startTestGcs, startTestS3 } from '../test/support/object-stores.ts';

const files = Number(process.argv[2] ?? 10_000);
const batch = 5_000;
const keys = Array.from({ length: files }, (_, index) => `items/job/${index}`);

async function put(bucket: Bucket): Promise<void> {
  const storage = createBucketStorage(bucket, '');
  const limit = pLimit(16);
  await Promise.all(keys.map((key) => limit(() => storage.put(key, Readable.from(['x'])))));
}

async function oneByOne(bucket: Bucket): Promise<void> {
  const limit = pLimit(8);
  await Promise.all(keys.map((key) => limit(() => bucket.delete([key]))));
}

async function together(bucket: Bucket): Promise<void> {
  const storage = createBucketStorage(bucket, '');
  for (let at = 0; at < files; at += batch) await storage.deleteFiles(keys.slice(at, at + batch));
}

/** Milliseconds. */
async function measure(bucket: Bucket, remove: (bucket: Bucket) => Promise<void>): Promise<number> {
  await put(bucket);
  const startedAt = performance.now();
  await remove(bucket);
  const ms = performance.now() - startedAt;
  const { files: left } = await createBucketStorage(bucket, '').list('items', { limit: 1 });
  if (left.length > 0) throw new Error('Not all files went.');
  return ms;
}

async function compare(store: string, bucket: Bucket) {
  const slow = await measure(bucket, oneByOne);
  const fast = await measure(bucket, together);
  return {
    store,
    files,
    'one by one, ms': Math.round(slow),
    'together, ms': Math.round(fast),
    ratio: Number((slow / fast).toFixed(1)),
  };
}

const [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
if (!s3 || !gcs) throw new Error('There are no object stores for this machine.');
try {
  for (const each of [s3, gcs]) await each.createBucket('files');
  const place = { bucket: 'files', region: 'us-east-1', endpoint: s3.endpoint, credentials: s3Keys.owner };
  const measured = [
    await compare('S3', createS3Bucket(place)),
    await compare('Google Cloud Storage', createGcsBucket({ bucket: 'files', endpoint: gcs.endpoint })),
  ];
  console.table(measured);
  console.log(JSON.stringify({ measured }));
} finally {
  await s3.stop();
  await gcs.stop();
}
