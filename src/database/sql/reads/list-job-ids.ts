import type { Pool } from 'pg';
import type { JobFilter } from '../../../domain/job-filter.ts';
import { jobStates } from '../../../domain/job-state.ts';
import { jobConditions, titleConditions } from '../job-conditions.ts';

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
  if (request.filter.title !== null) return await listByTitle(pool, request);
  const values: unknown[] = [request.projectId];
  const { rows } = await pool.query<JobPosition>(pageOf('jobs', request, values), values);
  return rows;
}

/** Jobs in the order asked for among which a title is looked for without its index. */
const lookedThrough = 5_000;

/**
 * How many jobs have a title statistics do not tell: the planner would read all in their order for the few that have a rare one, or take
 * hundreds of thousands from the index of titles where the first twenty have it. So it is told. What many have is among the first in the
 * order, which are looked through; when they are too few the index is asked for all that have it.
 */
async function listByTitle(pool: Pool, request: JobIdsRequest): Promise<JobPosition[]> {
  const { projectId, filter, limit } = request;
  const others = { ...request, filter: { ...filter, title: null } };
  const way = wayOf(request);
  const values: unknown[] = [projectId];
  const first = pageOf('jobs', { ...others, limit: lookedThrough }, values);
  const { rows } = await pool.query<JobPosition & { looked: number }>(
    `with first as materialized (${first}),
       found as (
         select id, rank from first join jobs using (id) where ${titleConditions(filter, values).join()}
         order by rank ${way}, id ${way} limit $${values.push(limit)}
       )
     select id, rank, looked from (select count(*)::int as looked from first) counted left join found on true
     order by rank ${way}, id ${way}`,
    values,
  );
  const found = rows.flatMap(({ id, rank }) => (id ? [{ id, rank }] : []));
  if (found.length === limit || (rows[0]?.looked ?? 0) < lookedThrough) return found;

  const indexed: unknown[] = [projectId];
  // "offset 0" keeps the search apart from the order.
  const titled = `(select * from jobs where project_id = $1 and deleted_at is null and ${titleConditions(filter, indexed).join()} offset 0) jobs`;
  return (await pool.query<JobPosition>(pageOf(titled, others, indexed), indexed)).rows;
}

function wayOf({ descending }: JobIdsRequest): string {
  return descending ? 'desc' : 'asc';
}

/** The statement for a page of those jobs of project $1 that are in a relation. */
function pageOf(relation: string, request: JobIdsRequest, values: unknown[]): string {
  const way = wayOf(request);
  const limit = `$${values.push(request.limit)}`;
  const shared = ['project_id = $1', 'deleted_at is null', ...jobConditions(request.filter, values)];
  const pages = partsOf[request.field](request, way, values).map(
    ({ conditions, rank, order }) =>
      `(select id, ${rank} as rank from ${relation} where ${[...shared, ...conditions].join(' and ')} order by ${order} limit ${limit})`,
  );
  return `select id, rank from (${pages.join(' union all ')}) page order by rank ${way}, id ${way} limit ${limit}`;
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
