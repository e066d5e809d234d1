import type { PoolClient } from 'pg';
import type { Bucket } from '../../domain/bucket.ts';
import type { BucketId } from './lock-bucket.ts';

/** Stores what was taken from a locked bucket. */
export async function storeBucket(client: PoolClient, { projectId, name }: BucketId, bucket: Bucket): Promise<void> {
  await client.query({
    name: 'store-bucket',
    text: 'update buckets set next_at = $3, lanes = $4 where project_id = $1 and name = $2',
    values: [projectId, name, bucket.nextAt, JSON.stringify(bucket.lanes)],
  });
}
