import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** True when the stage was cut into so many chunks that there is this one. */
export async function hasChunk(client: PoolClient, chunk: ChunkRef): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from chunks where job_id = $1 and stage = $2 and generation = $3 and index = $4',
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index],
  );
  return rowCount === 1;
}
