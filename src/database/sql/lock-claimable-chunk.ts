import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/**
 * Locks the next chunk of a stage behind index `after` that nobody holds, or whose lease ran out, and that lies before `endItem` unless that is null; null
 * when there is none. Passes over those that others are claiming.
 */
export async function lockClaimableChunk(
  client: PoolClient,
  { jobId, stage, generation, after, endItem }: Omit<ChunkRef, 'index'> & { after: number; endItem: number | null },
): Promise<ChunkRef | null> {
  const { rows } = await client.query<{ index: number }>(
    `select index from chunks
     where job_id = $1 and stage = $2 and generation = $3
       and index > $5 and ($4::bigint is null or last_item < $4)
       and (state = 'PENDING' or (state = 'RUNNING' and lease_until < clock_timestamp()))
     order by index limit 1
     for update skip locked`,
    [jobId, stage, generation, endItem, after],
  );
  const [row] = rows;
  return row ? { jobId, stage, generation, index: row.index } : null;
}
