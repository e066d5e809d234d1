import type { Pool } from 'pg';

/** A slow item that a worker is at, as far as its stage has told of it. */
export interface RunningItem {
  jobId: string;
  index: number;
  key: string;
  stage: string;
  percent: number;
  step: string;
  updatedAt: Date;
}

/** Of each job the first `limit` items by index that a running chunk has told of. Nothing remains of an item when its chunk has changed hands. */
export async function readRunningItems(pool: Pool, jobIds: readonly string[], limit: number): Promise<RunningItem[]> {
  const { rows } = await pool.query<Omit<RunningItem, 'updatedAt'> & { updatedAt: number }>({
    name: 'read-running-items',
    text: `select o.job_id as "jobId", o.index::float8 as index, i.key, s.name as stage, o.percent, o.step, extract(epoch from o.updated_at) * 1000 as "updatedAt"
           from unnest($1::uuid[]) as j (id)
           cross join lateral (
             select o.* from open_items o
             join chunks c on c.job_id = j.id and c.stage = o.stage and c.generation = o.generation and c.index = o.chunk
               and c.attempt = o.attempt and c.state = 'RUNNING'
             where o.job_id = j.id and o.step is not null
             order by o.index limit $2
           ) o
           join items i on i.job_id = o.job_id and i.index = o.index
           join stages s on s.job_id = o.job_id and s.position = o.stage
           order by o.job_id, o.index`,
    values: [jobIds, limit],
  });
  return rows.map((row) => ({ ...row, updatedAt: new Date(Number(row.updatedAt)) }));
}
