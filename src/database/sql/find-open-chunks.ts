import type { PoolClient, Pool } from 'pg';
import type { ChunkRef, ChunkSpan } from '../../domain/activities.ts';

/** Indexes of the first chunks of a part of a stage that have not ended, in order. */
export async function findOpenChunks(
  client: Pool | PoolClient,
  input: Omit<ChunkRef, 'index'> & ChunkSpan & { limit: number },
): Promise<number[]> {
  const { rows } = await client.query<{ index: number }>(
    `select index from chunks
     where job_id = $1 and stage = $2 and generation = $3 and index between $4 and $5 and state in ('PENDING', 'RUNNING')
     order by index limit $6`,
    [input.jobId, input.stage, input.generation, input.first, input.last, input.limit],
  );
  return rows.map((row) => row.index);
}
