import type { PoolClient } from 'pg';
import type { Bucket } from '../../domain/bucket.ts';

export interface BucketId {
  projectId: string;
  name: string;
}

/** Locks a bucket until the transaction ends, and makes it if it is not there. */
export async function lockBucket(client: PoolClient, { projectId, name }: BucketId): Promise<Bucket> {
  for (;;) {
    const { rows } = await client.query<Bucket>({
      name: 'lock-bucket',
      text: `select next_at as "nextAt", extract(epoch from closed_until)::float8 * 1000 as "closedUntil", lanes
             from buckets where project_id = $1 and name = $2 for update`,
      values: [projectId, name],
    });
    const [bucket] = rows;
    if (bucket) return bucket;
    await client.query(`insert into buckets (project_id, name, lanes) values ($1, $2, '{}') on conflict do nothing`, [
      projectId,
      name,
    ]);
  }
}
