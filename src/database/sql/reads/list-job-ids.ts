import type { Pool } from 'pg';
import type { JobFilter } from '../../../domain/job-filter.ts';
import { jobStates } from '../../../domain/job-state.ts';
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

/** Jobs that one index has in the order asked for, or that are few enough to be sorted. */
interface Part {
  conditions: string[];
  rank: string;
  order: string;
}

/**
 * A page of a project's jobs. Ids are UUIDs of version 7, so the order of creation is an index. An index on what chunks change
 * would slow every commit down: the other orders are put together of jobs that have ended, which an index has in their order,
 * and of the others, which are sorted.
 */
export async function listJobIds(pool: Pool, request: JobIdsRequest): Promise<JobPosition[]> {
  const { projectId, filter, field, limit } = request;
  const way = request.descending ? 'desc' : 'asc';
  const values: unknown[] = [projectId, limit];
  const shared = ['project_id = $1', 'deleted_at is null', ...jobConditions(filter, values)];
  const pages = partsOf[field](request, way, values).map(
    ({ conditions, rank, order }) =>
      `(select id, ${rank} as rank from jobs where ${[...shared, ...conditions].join(' and ')} order by ${order} limit $2)`,
  );
  const { rows } = await pool.query<JobPosition>(
    `select id, rank from (${pages.join(' union all ')}) page order by rank ${way}, id ${way} limit $2`,
    values,
  );
  return rows;
}

type Bounds = Pick<JobIdsRequest, 'above' | 'below'>;

const partsOf: Record<JobOrderField, (bounds: Bounds, way: string, values: unknown[]) => Part[]> = {
  CREATED_AT: (bounds, way, values) => [
    { conditions: compareIds(bounds, values), rank: '0::float8', order: `id ${way}` },
  ],
  UPDATED_AT: (bounds, way, values) => [
    {
      conditions: ['settled_at is null', ...compare(bounds, micros('updated_at'), values)],
      rank: micros('updated_at'),
      order: `rank ${way}, id ${way}`,
    },
    {
      conditions: [
        'settled_at is not null',
        ...compare(bounds, micros('settled_at'), values),
        ...between(bounds, values),
      ],
      rank: micros('settled_at'),
      order: `settled_at ${way}, id ${way}`,
    },
  ],
  PERCENT_COMPLETE: (bounds, way, values) => [
    {
      conditions: [`state in (${otherStates})`, ...compare(bounds, share, values)],
      rank: share,
      order: `rank ${way}, id ${way}`,
    },
    { conditions: [`state = 'COMPLETED'`, ...compareWhole(bounds, values)], rank: '1::float8', order: `id ${way}` },
  ],
};

/** Since 1970: exact in a double, which a cursor carries. */
function micros(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::float8`;
}

const share = 'case when total > 0 then (succeeded + failed + skipped)::float8 / total else 0 end';
const otherStates = jobStates
  .filter((state) => state !== 'COMPLETED')
  .map((state) => `'${state}'`)
  .join(', ');

function compare({ above, below }: Bounds, rank: string, values: unknown[]): string[] {
  const bound = (way: '<' | '>', position: JobPosition) =>
    `(${rank}, id) ${way} ($${values.push(position.rank)}::float8, $${values.push(position.id)}::uuid)`;
  return [...(above ? [bound('>', above)] : []), ...(below ? [bound('<', below)] : [])];
}

/** Among jobs of one rank the ids decide. */
function compareIds({ above, below }: Bounds, values: unknown[]): string[] {
  return [
    ...(above ? [`id > $${values.push(above.id)}::uuid`] : []),
    ...(below ? [`id < $${values.push(below.id)}::uuid`] : []),
  ];
}

/** All COMPLETED jobs have the rank 1. */
function compareWhole({ above, below }: Bounds, values: unknown[]): string[] {
  const isBehind = below !== null && below.rank < 1;
  return [
    ...(isBehind ? ['false'] : []),
    ...compareIds({ above: above?.rank === 1 ? above : null, below: below?.rank === 1 ? below : null }, values),
  ];
}

/** The same as `compare` says, roughly, but so that an index finds it. */
function between({ above, below }: Bounds, values: unknown[]): string[] {
  const moment = ({ rank }: JobPosition) => `to_timestamp($${values.push(rank)}::float8 / 1000000)`;
  return [
    ...(above ? [`settled_at >= ${moment(above)} - interval '1 ms'`] : []),
    ...(below ? [`settled_at <= ${moment(below)} + interval '1 ms'`] : []),
  ];
}
