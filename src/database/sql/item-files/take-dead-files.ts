import type { Pool } from 'pg';
import type { ChunkRef } from '../../../domain/activities.ts';
import { filePlaceColumns, type FilePlace } from './file-place.ts';

/** Files that earlier attempts at a chunk wrote and did not commit. Their rows stay for a while: an attempt that is not quite dead may still write them. */
export async function takeDeadFiles(pool: Pool, chunk: ChunkRef, attempt: number): Promise<FilePlace[]> {
  const { rows } = await pool.query<FilePlace>(
    `update item_files set state = 'GOING', state_at = clock_timestamp()
     where job_id = $1 and stage = $2 and generation = $3 and chunk = $4 and attempt < $5 and state = 'WRITING'
     returning ${filePlaceColumns}`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, attempt],
  );
  return rows;
}
