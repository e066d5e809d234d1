import type { Database } from '../../database/database.ts';
import { JobEntity, type Job } from '../../database/entities/job.ts';

/** The rows of these jobs that are there, deleted ones too, oldest first, without `source`: inline items can be megabytes, and no reader of a feed shows them. */
export async function findJobs(database: Database, ids: readonly string[]): Promise<Job[]> {
  if (ids.length === 0) return [];
  const jobs = await database
    .em()
    .find(JobEntity, { id: { $in: [...ids] } }, { exclude: ['source'], orderBy: { id: 'asc' } });
  // The cast gives back the full type that `exclude` narrows; see above for what is missing.
  return jobs as Job[];
}
