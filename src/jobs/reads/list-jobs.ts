import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import { listJobIds, type JobOrderField, type JobPosition } from '../../database/sql/reads/list-job-ids.ts';
import type { JobFilter } from '../../domain/job-filter.ts';
import type { Viewer } from '../commands.ts';
import { findVisibleJobs } from './find-visible-jobs.ts';
import type { Page } from './page.ts';

export interface JobsQuery {
  filter: JobFilter;
  field: JobOrderField;
  direction: 'ASC' | 'DESC';
}

/** Between two positions (both excluded), from the front or, with `fromEnd`, from the end. */
export interface JobPageRequest {
  limit: number;
  after: JobPosition | null;
  before: JobPosition | null;
  fromEnd: boolean;
}

/** A job, and where it stood when it was found: what it is ordered by may have changed since. */
export interface ListedJob {
  job: Job;
  position: JobPosition;
}

/** One page of the viewer's jobs, by keyset. */
export async function listJobs(
  database: Database,
  viewer: Viewer,
  query: JobsQuery,
  request: JobPageRequest,
): Promise<Page<ListedJob>> {
  const { filter, field } = query;
  const { limit, after, before, fromEnd } = request;
  const isDescending = query.direction === 'DESC';
  const found = await listJobIds(database.pool, {
    projectId: viewer.projectId,
    filter,
    field,
    descending: isDescending !== fromEnd,
    above: isDescending ? before : after,
    below: isDescending ? after : before,
    limit: limit + 1,
  });
  const positions = found.slice(0, limit);
  if (fromEnd) positions.reverse();
  const jobs = await findVisibleJobs(database, viewer, { id: { $in: positions.map(({ id }) => id) } });
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const rows = positions.flatMap((position) => {
    const job = byId.get(position.id);
    return job ? [{ job, position }] : [];
  });
  const hasMore = found.length > limit;
  if (fromEnd) return { rows, hasNextPage: before !== null, hasPreviousPage: hasMore };
  return { rows, hasNextPage: hasMore, hasPreviousPage: after !== null };
}
