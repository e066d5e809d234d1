import type { Database } from '../database/database.ts';
import { lockEndedJobs } from '../database/sql/lock-ended-jobs.ts';
import { markJobsDeleted } from '../database/sql/mark-jobs-deleted.ts';
import type { JobFilter } from '../domain/job-filter.ts';
import type { Viewer } from './commands.ts';

export interface DeletedJobs {
  count: number;
  /** True when as many as one call takes were looked at, and others may match. */
  hasMore: boolean;
}

/** Jobs that one transaction takes, and that one call does. */
export interface DeleteLimits {
  batch: number;
  call: number;
}
const usualLimits: DeleteLimits = { batch: 5_000, call: 100_000 };

/**
 * Deletes the jobs that match and have ended; those whose items an unfinished job reads, and those that somebody changes at
 * the moment, are left. Each batch is invisible at once; a call that breaks off is repeated.
 */
export function createDeleteJobs({ database, limits = usualLimits }: { database: Database; limits?: DeleteLimits }) {
  return async ({ projectId }: Viewer, filter: JobFilter): Promise<DeletedJobs> => {
    let after: string | null = null;
    let count = 0;
    for (let seen = 0; seen < limits.call;) {
      const limit = Math.min(limits.batch, limits.call - seen);
      const request = { projectId, filter, after, limit };
      const { jobIds, deletedIds } = await database.transaction(async (client) => {
        const locked = await lockEndedJobs(client, request);
        return { jobIds: locked, deletedIds: await markJobsDeleted(client, locked) };
      });
      count += deletedIds.length;
      seen += jobIds.length;
      after = jobIds.at(-1) ?? null;
      if (jobIds.length < limit) return { count, hasMore: false };
    }
    return { count, hasMore: true };
  };
}
