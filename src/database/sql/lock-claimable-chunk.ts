import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Locks the next chunk of a stage that nobody holds, or whose lease ran out; null when there is none. Passes over those that others are claiming. */
export async function lockClaimableChunk(
  client: PoolClient,
  { jobId, stage, generation }: Omit<ChunkRef, 'index'>,
): Promise<ChunkRef | null> {
  const { rows } = await client.query<{ index: number }>(
    `select index from chunks
     where job_id = $1 and stage = $2 and generation = $3
       and (state = 'PENDING' or (state = 'RUNNING' and lease_until < clock_timestamp()))
     order by index limit 1
     for update skip locked`,
    [jobId, stage, generation],
  );
  const [row] = rows;
  return row ? { jobId, stage, generation, index: row.index } : null;
}
