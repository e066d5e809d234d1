import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/**
 * Gives the chunk to one attempt: from here on only commits under the new number count. Items of a chunk that nobody
 * held become RUNNING; those of a dead attempt are that already. Null when the job stopped running in the meantime.
 */
export async function claimChunk(
  client: PoolClient,
  chunk: ChunkRef,
  taskId: string,
): Promise<{ attempt: number; broken: number } | null> {
  const { rows } = await client.query<{ attempt: number; broken: number }>(
    `with held as (
       select remaining, state from chunks where job_id = $1 and stage = $2 and generation = $3 and index = $4
     ), job as (
       update jobs
       set pending = pending - moved.items, running = running + moved.items, updated_at = clock_timestamp()
       from (select case state when 'PENDING' then remaining else 0 end as items from held) moved
       where id = $1 and jobs.state = 'RUNNING'
       returning id
     )
     update chunks c
     set state = 'RUNNING', attempt = c.attempt + 1, broken = c.broken + (c.state = 'RUNNING')::int, task_id = $5, started_at = coalesce(c.started_at, clock_timestamp())
     from job
     where c.job_id = $1 and c.stage = $2 and c.generation = $3 and c.index = $4
     returning c.attempt, c.broken`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, taskId],
  );
  return rows[0] ?? null;
}
