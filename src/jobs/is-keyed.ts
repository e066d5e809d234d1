import type { Job } from '../database/entities/job.ts';

/** True for a job with a lock key, whose chunks are lists of items instead of ranges. */
export function isKeyed<Keyed extends Pick<Job, 'lockKey'>>(job: Keyed): job is Keyed & { lockKey: string } {
  return job.lockKey !== null && job.lockKey !== undefined;
}
