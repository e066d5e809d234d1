import type { Pool, PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import { readClosedBuckets } from '../database/sql/read-closed-buckets.ts';
import { findProvider, providerBucket } from '../job-types/find-provider.ts';

/** Milliseconds for which the outside services of these stages want nothing; null when all do, or when there is none. */
export async function readClosedMs(
  client: Pool | PoolClient,
  job: Pick<Job, 'projectId' | 'type' | 'options'>,
  stageNames: readonly string[],
): Promise<number | null> {
  const buckets = stageNames.flatMap((name) => findProvider(job, name) ?? []).map(providerBucket);
  if (buckets.length === 0) return null;
  const closed = await readClosedBuckets(client, [job.projectId]);
  const waits = closed.filter(({ name }) => buckets.includes(name)).map(({ forMs }) => forMs);
  return waits.length > 0 ? Math.max(...waits) : null;
}
