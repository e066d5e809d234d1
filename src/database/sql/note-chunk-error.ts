import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Counts an attempt at a chunk that failed, and keeps what it said. */
export async function noteChunkError(client: PoolClient, chunk: ChunkRef, error: string): Promise<void> {
  await client.query(
    'update chunks set error = $5, broken = broken + 1 where job_id = $1 and stage = $2 and generation = $3 and index = $4',
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, error],
  );
}
