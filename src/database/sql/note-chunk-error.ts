import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Keeps what the last attempt at a chunk said when it failed. */
export async function noteChunkError(client: PoolClient, chunk: ChunkRef, error: string): Promise<void> {
  await client.query(
    'update chunks set error = $5 where job_id = $1 and stage = $2 and generation = $3 and index = $4',
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, error],
  );
}
