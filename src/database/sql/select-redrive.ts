import type { PoolClient } from 'pg';

/**
 * Makes one batch of failed items run again: their results go, they are PENDING, and chunks of a new generation hold them.
 * Returns how many; 0 when none is left. `size` items make a chunk, and `batch` is a multiple of it.
 */
export async function selectRedrive(
  client: PoolClient,
  input: { jobId: string; generation: number; stage: number; size: number; batch: number; priority: number },
): Promise<number> {
  const { rows } = await client.query<{ items: string }>(
    `with gone as (
       delete from item_results
       where job_id = $1 and index in (
         select index from item_results where job_id = $1 and state = 'FAILED' order by index limit $5
       )
       returning index
     ), numbered as (
       select index, (row_number() over (order by index) - 1) / $4::int as chunk from gone
     ), cut as (
       insert into chunks (job_id, stage, generation, index, first_item, last_item, state, priority, remaining)
       select $1, $3, $2, chunk + (select coalesce(max(index) + 1, 0) from chunks where job_id = $1 and stage = $3 and generation = $2),
              min(index), max(index), 'PENDING', $6, count(*)
       from numbered group by chunk
       returning remaining
     )
     select coalesce(sum(remaining), 0)::text as items from cut`,
    [input.jobId, input.generation, input.stage, input.size, input.batch, input.priority],
  );
  return Number(rows[0]?.items ?? 0);
}
