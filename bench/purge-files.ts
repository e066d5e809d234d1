// Deletes 10,000 files of a job from a bucket: one request for each, eight at a time, against `deleteFiles`, at an S3 server on this machine;
// and a fifth as many at one that speaks Google's protocol, which takes long for each. Prints tables and, last, one line of JSON.
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

async function put(bucket: Bucket, keys: readonly string[]): Promise<void> {
  const storage = createBucketStorage(bucket, '');
  const limit = pLimit(16);
  await Promise.all(keys.map((key) => limit(() => storage.put(key, Readable.from(['x'])))));
}

async function oneByOne(bucket: Bucket, keys: readonly string[]): Promise<void> {
  const limit = pLimit(8);
  await Promise.all(keys.map((key) => limit(() => bucket.delete([key]))));
}

async function together(bucket: Bucket, keys: readonly string[]): Promise<void> {
  const storage = createBucketStorage(bucket, '');
  for (let at = 0; at < keys.length; at += batch) await storage.deleteFiles(keys.slice(at, at + batch));
}

/** Milliseconds. */
async function measure(bucket: Bucket, keys: readonly string[], remove: typeof together): Promise<number> {
  await put(bucket, keys);
  const startedAt = performance.now();
  await remove(bucket, keys);
  const ms = performance.now() - startedAt;
  const { files: left } = await createBucketStorage(bucket, '').list('items', { limit: 1 });
  if (left.length > 0) throw new Error('Not all files went.');
  return ms;
}

async function compare(store: string, bucket: Bucket, count: number) {
  const keys = Array.from({ length: count }, (_, index) => `items/job/${index}`);
  const slow = await measure(bucket, keys, oneByOne);
  const fast = await measure(bucket, keys, together);
  const row = {
    store,
    files: count,
    'one by one, ms': Math.round(slow),
    'together, ms': Math.round(fast),
    ratio: Number((slow / fast).toFixed(1)),
  };
  console.table([row]);
  return row;
}

const [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
if (!s3 || !gcs) throw new Error('There are no object stores for this machine.');
try {
  for (const each of [s3, gcs]) await each.createBucket('files');
  const place = { bucket: 'files', region: 'us-east-1', endpoint: s3.endpoint, credentials: s3Keys.owner };
  const measured = [
    await compare('S3', createS3Bucket(place), files),
    await compare(
      'Google Cloud Storage',
      createGcsBucket({ bucket: 'files', endpoint: gcs.endpoint }),
      Math.ceil(files / 5),
    ),
  ];
  console.log(JSON.stringify({ measured }));
} finally {
  await s3.stop();
  await gcs.stop();
}
