import type { Pool } from 'pg';
import type { ChunkRef } from '../../../domain/activities.ts';
import type { MediaDetails } from '../../../domain/item-file.ts';

export interface ItemFileRow {
  id: string;
  index: number;
  name: string;
  fileName: string;
  mediaType: string;
  media: MediaDetails | null;
  isKept: boolean;
  destinationId: string | null;
  key: string;
}

/** Notes a file that an attempt is about to write. False when the attempt does not hold its chunk any more. */
export async function insertItemFile(
  pool: Pool,
  { chunk, attempt, file }: { chunk: ChunkRef; attempt: number; file: ItemFileRow },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'insert-item-file',
    text: `insert into item_files (job_id, id, index, name, file_name, media_type, media, is_kept, state, stage, generation, chunk, attempt, destination_id, key)
           select job_id, $6, $7, $8, $9, $10, $11, $12, 'WRITING', stage, generation, index, attempt, $13, $14
           from chunks where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING'`,
    values: [
      chunk.jobId,
      chunk.stage,
      chunk.generation,
      chunk.index,
      attempt,
      file.id,
      file.index,
      file.name,
      file.fileName,
      file.mediaType,
      file.media && JSON.stringify(file.media),
      file.isKept,
      file.destinationId,
      file.key,
    ],
  });
  return rowCount === 1;
}
