import type { Pool } from 'pg';
import type { JobFilter } from '../../../domain/job-filter.ts';
import { jobConditions } from '../job-conditions.ts';

export const jobOrderFields = ['CREATED_AT', 'UPDATED_AT', 'PERCENT_COMPLETE'] as const;
export type JobOrderField = (typeof jobOrderFields)[number];

/** Where a job stands in an order: `rank` is 0 for all in that of creation, which their ids have. */
export interface JobPosition {
  id: string;
  rank: number;
}

export interface JobIdsRequest {
  projectId: string;
  filter: JobFilter;
  field: JobOrderField;
  /** From the greatest position down. */
  descending: boolean;
  /** Both excluded. */
  above: JobPosition | null;
  below: JobPosition | null;
  limit: number;
}

/** Microseconds since 1970, and a share: both are exact in a double, which a cursor carries. */
const ranks: Record<JobOrderField, string> = {
  CREATED_AT: '0::float8',
  UPDATED_AT: '(extract(epoch from updated_at) * 1000000)::float8',
  PERCENT_COMPLETE: `case when total > 0 then (succeeded + failed + skipped)::float8 / total when state = 'COMPLETED' then 1 else 0 end`,
};

/**
 * A page of a project's jobs. Ids are UUIDs of version 7, so the order of creation is an index; the others sort all jobs
 * of the project that match, since an index on what chunks change would slow every commit down.
 */
export async function listJobIds(pool: Pool, request: JobIdsRequest): Promise<JobPosition[]> {
  const { projectId, filter, field, descending, above, below, limit } = request;
  const rank = ranks[field];
  const way = descending ? 'desc' : 'asc';
  const values: unknown[] = [projectId, limit];
  const conditions = [
    'project_id = $1',
    'deleted_at is null',
    ...jobConditions(filter, values),
    ...(above ? [compare(field, '>', above, values)] : []),
    ...(below ? [compare(field, '<', below, values)] : []),
  ];
  const { rows } = await pool.query<JobPosition>(
    `select id, ${rank} as rank from jobs where ${conditions.join(' and ')}
     order by ${field === 'CREATED_AT' ? '' : `rank ${way}, `}id ${way} limit $2`,
    values,
  );
  return rows;
}

/** The planner does not see that equal ranks leave the index on ids; so it is told. */
function compare(field: JobOrderField, way: '<' | '>', { id, rank }: JobPosition, values: unknown[]): string {
  const bound = `$${values.push(id)}::uuid`;
  if (field === 'CREATED_AT') return `id ${way} ${bound}`;
  return `(${ranks[field]}, id) ${way} ($${values.push(rank)}::float8, ${bound})`;
}
