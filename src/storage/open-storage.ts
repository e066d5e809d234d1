import { join } from 'node:path';
import { createBucketStorage } from './bucket-storage.ts';
import type { Bucket } from './bucket.ts';
import { createLocalDiskStorage } from './local-disk.ts';
import type { BucketLocation, StorageLocation } from './storage-location.ts';
import type { Storage } from './storage.ts';

/** The storage of an installation. Nothing is asked of a bucket yet. */
export async function openStorage(location: StorageLocation, dataDir: string): Promise<Storage> {
  if (location.kind === 'LOCAL') return createLocalDiskStorage(join(dataDir, 'storage'));
  const storage = createBucketStorage(await createBucket(location), location.prefix);
  return location.downloads === 'DIRECT' ? storage : { ...storage, linkTo: async () => null };
}

/** Loads the SDK of the one store that is used: each takes a while. */
async function createBucket({ kind, bucket, region, endpoint }: BucketLocation): Promise<Bucket> {
  if (kind === 'S3') {
    const { createS3Bucket } = await import('./s3-bucket.ts');
    return createS3Bucket({ bucket, region, endpoint });
  }
  const { createGcsBucket } = await import('./gcs-bucket.ts');
  return createGcsBucket({ bucket, endpoint });
}
