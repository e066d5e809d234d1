import type { Pool } from 'pg';

/** How a job went that ran to its end without a retry. */
export interface PastJob {
  id: string;
  options: Record<string, unknown>;
  items: number;
  /** Without pauses. */
  durationMs: number;
  /** Of the files that its items left. */
  fileBytes: number;
}

export interface PastJobsRequest {
  projectId: string;
  type: string;
  /** Options that they must have. */
  like: object;
  dryRun: boolean;
  /** Those that were held to a lower rate are left out; null: to any rate. */
  itemsPerSecond: number | null;
  /** Files are added up only when they are asked for. */
  withFiles: boolean;
}

/** Most jobs of the type that are looked at: what lies further back says little of today, and options have no index. */
export const lookBack = 1_000;

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * The last 20 completed jobs of a project and type that are like one that is to come, among the last ones of the type. Asked for by equality,
 * these could also be looked for among all jobs by id, past millions of other projects; only one index has this order.
 */
export async function readPastJobs(pool: Pick<Pool, 'query'>, request: PastJobsRequest): Promise<PastJob[]> {
  const { projectId, type, like, dryRun, itemsPerSecond, withFiles } = request;
  const { rows } = await pool.query<PastJob>(
    `select id, options, total::float8 as items, greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 1)::float8 as "durationMs",
       case when $4 then (select coalesce(sum(byte_size), 0) from item_files f where f.job_id = j.id and f.is_kept)::float8 else 0 end as "fileBytes"
     from (
       select * from (
         select id, project_id, type, options, total, completed_at, started_at, paused_ms, state, generation, items_per_second from jobs
         where (project_id, type, id) <= ($1, $2, $7::uuid) and deleted_at is null
         order by project_id desc, type desc, id desc limit ${lookBack}
       ) last
       where project_id = $1 and type = $2 and state = 'COMPLETED' and generation = 0 and total > 0 and options @> $3
         and (items_per_second is null or items_per_second >= $5)
         and exists (select from guard_rails g where g.job_id = last.id and g.dry_run) = $6
       order by id desc limit 20
     ) j`,
    [projectId, type, JSON.stringify(like), withFiles, itemsPerSecond, dryRun, lastId],
  );
  return rows;
}
