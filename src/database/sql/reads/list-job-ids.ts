import type { Pool } from 'pg';
import type { JobFilter } from '../../../domain/job-filter.ts';

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
  const { rows } = await pool.query<JobPosition>(
    `select id, ${rank} as rank from jobs
     where project_id = $1 and deleted_at is null
       and ($2::text[] is null or state = any($2)) and ($3::text[] is null or type = any($3))
       and ($4::text is null or strpos(lower(title), lower($4)) > 0)
       and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)
       and ($7::jsonb is null or metadata @> $7)
       and ($13::jsonb is null or created_by @> $13)
       and ($8::uuid is null or ${compare(field, '>', '$8', '$9')})
       and ($10::uuid is null or ${compare(field, '<', '$10', '$11')})
     order by ${field === 'CREATED_AT' ? '' : `rank ${way}, `}id ${way} limit $12`,
    [
      projectId,
      filter.states,
      filter.types,
      filter.title,
      filter.createdFrom,
      filter.createdTo,
      filter.metadata === null ? null : JSON.stringify(filter.metadata),
      above?.id ?? null,
      above?.rank ?? null,
      below?.id ?? null,
      below?.rank ?? null,
      limit,
      filter.createdBy === null ? null : JSON.stringify({ kind: filter.createdBy.kind, id: filter.createdBy.id }),
    ],
  );
  return rows;
}

/** The planner does not see that equal ranks leave the index on ids; so it is told. */
function compare(field: JobOrderField, way: '<' | '>', id: string, rank: string): string {
  if (field === 'CREATED_AT') return `(id ${way} ${id}::uuid and ${rank}::float8 = 0)`;
  return `(${ranks[field]}, id) ${way} (${rank}::float8, ${id}::uuid)`;
}
