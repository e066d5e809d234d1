import type { Job } from '../../database/entities/job.ts';
import type { ClosedBucket } from '../../database/sql/read-closed-buckets.ts';
import { findProvider, providerBucket } from '../../job-types/find-provider.ts';

export type { ClosedBucket };

/** A provider that asked to wait. */
export interface ClosedProvider {
  provider: string;
  until: Date;
  reason: string | null;
}

/** The one of the project's closed buckets that a stage of a running job has to wait for; null when none needs one. `running` are its stages at work. */
export function findClosedProvider(
  job: Job,
  running: readonly string[],
  closed: readonly ClosedBucket[],
): ClosedProvider | null {
  if (job.state !== 'RUNNING') return null;
  for (const provider of running.flatMap((name) => findProvider(job, name) ?? [])) {
    const bucket = closed.find(({ name }) => name === providerBucket(provider));
    if (bucket) return { provider: provider.name, until: bucket.until, reason: bucket.reason };
  }
  return null;
}
