import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Index of the last chunk of a stage that lies before item `endItem`; -1 when there is none. */
export async function findLastChunk(
  client: PoolClient,
  input: Omit<ChunkRef, 'index'> & { endItem: number },
): Promise<number> {
  const { rows } = await client.query<{ last: number | null }>(
    `select max(index) as last from chunks where job_id = $1 and stage = $2 and generation = $3 and last_item < $4`,
    [input.jobId, input.stage, input.generation, input.endItem],
  );
  return rows[0]?.last ?? -1;
}
