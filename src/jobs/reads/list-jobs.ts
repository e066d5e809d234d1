import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import type { JobState } from '../../domain/job-state.ts';
import type { Viewer } from '../commands.ts';
import { findVisibleJobs } from './find-visible-jobs.ts';
import type { Page } from './page.ts';

/** Null lets all through. */
export interface JobFilter {
  states: readonly JobState[] | null;
  types: readonly string[] | null;
}

/** Between two job ids (both excluded), from the front or, with `fromEnd`, from the end. */
export interface JobPageRequest {
  limit: number;
  after: string | null;
  before: string | null;
  fromEnd: boolean;
}

/** Ids are UUIDs of version 7: their order is that of creation. */
export async function listJobs(
  database: Database,
  viewer: Viewer,
  query: { filter: JobFilter; direction: 'ASC' | 'DESC' },
  request: JobPageRequest,
): Promise<Page<Job>> {
  const { filter, direction } = query;
  const descending = direction === 'DESC';
  const [lower, upper] = descending ? [request.before, request.after] : [request.after, request.before];
  const found = await findVisibleJobs(
    database,
    viewer,
    {
      ...(filter.states ? { state: { $in: [...filter.states] } } : {}),
      ...(filter.types ? { type: { $in: [...filter.types] } } : {}),
      $and: [...(lower ? [{ id: { $gt: lower } }] : []), ...(upper ? [{ id: { $lt: upper } }] : [])],
    },
    { orderBy: { id: descending === request.fromEnd ? 'asc' : 'desc' }, limit: request.limit + 1 },
  );
  const rows = found.slice(0, request.limit);
  const hasMore = found.length > request.limit;
  if (request.fromEnd) return { rows: rows.reverse(), hasNextPage: request.before !== null, hasPreviousPage: hasMore };
  return { rows, hasNextPage: hasMore, hasPreviousPage: request.after !== null };
}
