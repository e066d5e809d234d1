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

/** The one of the project's closed buckets that a running job has to wait for; null when it needs none of them now. */
export function findClosedProvider(job: Job, closed: readonly ClosedBucket[]): ClosedProvider | null {
  const provider = job.state === 'RUNNING' ? findProvider(job, job.currentStage) : null;
  const bucket = provider && closed.find(({ name }) => name === providerBucket(provider));
  return provider && bucket ? { provider: provider.name, until: bucket.until, reason: bucket.reason } : null;
}
