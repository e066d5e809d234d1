import type { Pool } from 'pg';
import type { ChunkState } from '../../../domain/stage-plan.ts';

/** Names a chunk within its job; their order is that of the primary key. */
export interface ChunkPosition {
  stage: number;
  generation: number;
  index: number;
}

export interface ChunkFilter {
  states: readonly ChunkState[] | null;
  /** Position of the stage. */
  stage: number | null;
  generation: number | null;
}

/** Rows of `chunks`, in the order of their primary key. */
export async function readChunks(
  pool: Pool,
  input: { jobId: string; filter: ChunkFilter; after: ChunkPosition | null; limit: number },
): Promise<object[]> {
  const { filter, after } = input;
  const { rows } = await pool.query<object>(
    `select * from chunks
     where job_id = $1
       and ($2::text[] is null or state = any($2))
       and ($3::smallint is null or stage = $3)
       and ($4::int is null or generation = $4)
       and (stage, generation, index) > ($5, $6, $7)
     order by stage, generation, index limit $8`,
    [
      input.jobId,
      filter.states,
      filter.stage,
      filter.generation,
      after?.stage ?? -1,
      after?.generation ?? -1,
      after?.index ?? -1,
      input.limit,
    ],
  );
  return rows;
}
