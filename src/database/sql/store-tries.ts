import type { Pool } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Remembers, for the attempt that comes after one that hands its chunk back, how often its items were tried. */
export async function storeTries(
  pool: Pool,
  chunk: ChunkRef,
  attempt: number,
  tries: Record<string, number>,
): Promise<void> {
  await pool.query(
    `update chunks set tries = $6
     where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING'`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, attempt, JSON.stringify(tries)],
  );
}
