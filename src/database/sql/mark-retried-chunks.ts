import type { PoolClient } from 'pg';
import type { ChunkPlace } from '../../domain/redrive.ts';

/** Marks chunks as retried in a generation: their failed items are those that it selects. */
export async function markRetriedChunks(
  client: PoolClient,
  { jobId, generation, chunks }: { jobId: string; generation: number; chunks: readonly ChunkPlace[] },
): Promise<void> {
  await client.query(
    `update chunks c set retried_as = $2
     from unnest($3::int[], $4::int[], $5::int[]) as chosen (stage, generation, index)
     where c.job_id = $1 and c.stage = chosen.stage and c.generation = chosen.generation and c.index = chosen.index`,
    [
      jobId,
      generation,
      chunks.map((chunk) => chunk.stage),
      chunks.map((chunk) => chunk.generation),
      chunks.map((chunk) => chunk.index),
    ],
  );
}
