import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';
import type { ChunkState } from '../../domain/stage-plan.ts';

/**
 * Gives a chunk that nobody has begun the items that the stage before passed on, where stages follow each other chunk by chunk; with none it is
 * COMPLETED at once, and its stage has so many items less. Null when the stage before is not done with it.
 */
export async function takeOverChunk(
  client: PoolClient,
  chunk: ChunkRef,
): Promise<{ state: ChunkState; remaining: number } | null> {
  const { rows } = await client.query<{ state: ChunkState; remaining: number }>(
    `with before as (
       select b.succeeded, stage.position, c.remaining - b.succeeded as lost
       from chunks c
       join chunks b on b.job_id = c.job_id and b.stage = c.stage - 1 and b.generation = c.generation and b.index = c.index
       join stages stage on stage.job_id = c.job_id and stage.position = c.stage
       where c.job_id = $1 and c.stage = $2 and c.generation = $3 and c.index = $4 and b.state in ('COMPLETED', 'FAILED')
     ), taken as (
       update chunks c set
         remaining = before.succeeded,
         state = case when before.succeeded = 0 then 'COMPLETED' else c.state end,
         completed_at = case when before.succeeded = 0 then clock_timestamp() end
       from before
       where c.job_id = $1 and c.stage = $2 and c.generation = $3 and c.index = $4
       returning c.state, c.remaining
     ), shorter as (
       update stages set total = total - before.lost from before
       where job_id = $1 and stages.position = before.position and before.lost > 0
     )
     select state, remaining from taken`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index],
  );
  return rows[0] ?? null;
}
