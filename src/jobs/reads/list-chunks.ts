import type { Database } from '../../database/database.ts';
import { ChunkEntity, type Chunk } from '../../database/entities/chunk.ts';
import type { Job } from '../../database/entities/job.ts';
import { readChunks, type ChunkFilter, type ChunkPosition } from '../../database/sql/reads/read-chunks.ts';
import { toPage, type Page, type PageRequest } from './page.ts';

/** A job's chunks by stage, generation and index. */
export async function listChunks(
  database: Database,
  job: Job,
  filter: ChunkFilter,
  request: PageRequest<ChunkPosition>,
): Promise<Page<Chunk>> {
  const rows = await readChunks(database.pool, {
    jobId: job.id,
    filter,
    after: request.after,
    limit: request.limit + 1,
  });
  const em = database.em();
  return toPage(
    rows.map((row) => em.map(ChunkEntity, row)),
    request,
  );
}
