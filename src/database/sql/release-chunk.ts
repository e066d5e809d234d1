import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Takes a chunk from a dead attempt and lets it wait again: its items are PENDING, late commits are refused. */
export async function releaseChunk(client: PoolClient, chunk: ChunkRef): Promise<void> {
  await client.query(
    `with released as (
       update chunks set state = 'PENDING', attempt = attempt + 1
       where job_id = $1 and stage = $2 and generation = $3 and index = $4 and state = 'RUNNING'
       returning remaining
     )
     update jobs set running = running - remaining, pending = pending + remaining, updated_at = clock_timestamp()
     from released where id = $1`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index],
  );
}
