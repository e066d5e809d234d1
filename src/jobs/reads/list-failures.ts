import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import { readFailureGroups, type FailureGroupCursor } from '../../database/sql/reads/read-failure-groups.ts';
import { toItemView, type ItemView } from './item-view.ts';
import { toPage, type Page, type PageRequest } from './page.ts';

/** Failed items that share a fingerprint. */
export interface FailureGroup {
  fingerprint: string;
  code: string;
  /** The example's. */
  message: string;
  count: number;
  /** The first item of the group. */
  example: ItemView;
}

/** A job's failures by fingerprint, the largest group first. */
export async function listFailures(
  database: Database,
  job: Job,
  request: PageRequest<FailureGroupCursor>,
): Promise<Page<FailureGroup>> {
  if (job.itemsDeletedAt) return toPage([], request);
  const rows = await readFailureGroups(database.pool, {
    jobId: job.id,
    after: request.after,
    limit: request.limit + 1,
  });
  const groups = rows.map((row): FailureGroup => {
    const example = toItemView(job, row);
    return {
      fingerprint: row.group_name,
      code: example.error?.code ?? 'UNKNOWN',
      message: example.error?.message ?? '',
      count: Number(row.count),
      example,
    };
  });
  return toPage(groups, request);
}
