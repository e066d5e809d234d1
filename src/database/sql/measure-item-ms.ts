import type { PoolClient } from 'pg';
import type { Job } from '../entities/job.ts';

/** Chunks that tell of a job type; fewer tell of the moment in which they ran, as of the first ones after a start. */
const enough = 8;

/**
 * Milliseconds that an item took within its chunk, in the slowest item stage: the median of the first chunks of the project's
 * last jobs of the type, this one among them; of those with the same options where they are enough, else of all. Chunks of fewer than
 * `least` items do not count, as their items may all run at once. Null when there are not enough that ended in one attempt.
 * Reads at most 500 jobs, and 100 chunks of each stage of 20 of them.
 */
export async function measureItemMs(
  client: PoolClient,
  job: Pick<Job, 'projectId' | 'type' | 'options'>,
  least: number,
): Promise<number | null> {
  const { rows } = await client.query<{ itemMs: number | null }>(
    `with recent as (
       select id, type, options from jobs where project_id = $1 and deleted_at is null order by id desc limit 500
     ), alike as (
       select id, options = $3::jsonb as same from recent where type = $2 order by id desc limit 20
     ), chunk as (
       select a.same, s.name, c.ms / c.items as item_ms
       from alike a
       join stages s on s.job_id = a.id and s.kind = 'ITEMS'
       cross join lateral (
         select extract(epoch from completed_at - started_at) * 1000 as ms, succeeded + failed + skipped as items
         from (select * from chunks where job_id = a.id and stage = s.position order by generation, index limit 100) first
         where state = 'COMPLETED' and attempt = 1 and started_at is not null
       ) c
       where c.items >= $4
     ), measured as (
       select true as same, name, percentile_cont(0.5) within group (order by item_ms) as item_ms
       from chunk where same group by name having count(*) >= $5
       union all
       select false, name, percentile_cont(0.5) within group (order by item_ms)
       from chunk group by name having count(*) >= $5
     )
     select max(item_ms)::float8 as "itemMs" from measured where same = (select bool_or(same) from measured)`,
    [job.projectId, job.type, JSON.stringify(job.options), least, enough],
  );
  return rows[0]?.itemMs ?? null;
}
