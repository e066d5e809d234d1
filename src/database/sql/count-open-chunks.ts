import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Chunks of a stage that have not ended. */
export async function countOpenChunks(client: PoolClient, input: Omit<ChunkRef, 'index'>): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `select count(*)::int as open from chunks
     where job_id = $1 and stage = $2 and generation = $3 and state in ('PENDING', 'RUNNING')`,
    [input.jobId, input.stage, input.generation],
  );
  return rows[0]?.open ?? 0;
}
