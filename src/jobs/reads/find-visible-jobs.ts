import type { FilterQuery, FindOptions } from '@mikro-orm/postgresql';
import type { Database } from '../../database/database.ts';
import { JobEntity, type Job } from '../../database/entities/job.ts';
import { visibleJobs } from '../can-see.ts';
import type { Viewer } from '../commands.ts';

/**
 * Jobs of the viewer's project that are not deleted, without `source`: inline items can be megabytes, and no reader shows them.
 * The casts give back the full type that `exclude` narrows.
 */
export async function findVisibleJobs(
  database: Database,
  viewer: Viewer,
  where: FilterQuery<Job>,
  options: Pick<FindOptions<Job>, 'orderBy' | 'limit'> = {},
): Promise<Job[]> {
  const jobs = await database.em().find(JobEntity, visible(viewer, where), { ...options, exclude: ['source'] });
  return jobs as Job[];
}

/** The same for one job; null when there is none. */
export async function findVisibleJob(database: Database, viewer: Viewer, where: FilterQuery<Job>): Promise<Job | null> {
  const job = await database.em().findOne(JobEntity, visible(viewer, where), { exclude: ['source'] });
  return job as Job | null;
}

function visible(viewer: Viewer, where: FilterQuery<Job>): FilterQuery<Job> {
  return { $and: [where, visibleJobs(viewer)] };
}
