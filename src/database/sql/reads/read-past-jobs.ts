import type { Pool } from 'pg';

/** How a job went that ran to its end without a retry. */
export interface PastJob {
  items: number;
  /** Without pauses. */
  durationMs: number;
  /** Of the files that its items left. */
  fileBytes: number;
}

/** The last 20 completed jobs of the project and type whose options hold all that is given. Files are added up only when they are asked for. */
export async function readPastJobs(
  pool: Pool,
  { projectId, type, like, withFiles }: { projectId: string; type: string; like: object; withFiles: boolean },
): Promise<PastJob[]> {
  const { rows } = await pool.query<PastJob>(
    `select total::float8 as items, greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 1)::float8 as "durationMs",
       case when $4 then (select coalesce(sum(byte_size), 0) from item_files f where f.job_id = j.id and f.is_kept)::float8 else 0 end as "fileBytes"
     from (
       select id, total, completed_at, started_at, paused_ms from jobs
       where project_id = $1 and type = $2 and state = 'COMPLETED' and deleted_at is null and generation = 0 and total > 0 and options @> $3
       order by id desc limit 20
     ) j`,
    [projectId, type, JSON.stringify(like), withFiles],
  );
  return rows;
}
