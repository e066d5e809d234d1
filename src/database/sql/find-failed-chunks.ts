import type { PoolClient } from 'pg';
import type { ChunkPlace, ChunkToRetry } from '../../domain/redrive.ts';
import { failedOfChunk } from './failed-of-chunk.ts';

/** The chunks at these places, or all that failed, with what of them has failed and has not run again since. */
export async function findFailedChunks(
  client: PoolClient,
  jobId: string,
  places: readonly ChunkPlace[] | null,
): Promise<ChunkToRetry[]> {
  const { rows } = await client.query<ChunkToRetry>(
    `select c.stage, c.generation, c.index, c.state, c.retries, ended.items as "failedItems"
     from chunks c
     cross join lateral (
       select count(*)::int as items from ${failedOfChunk('c')} r
     ) ended
     where c.job_id = $1 and case
       when $2::int[] is null then c.state = 'FAILED'
       else (c.stage, c.generation, c.index) in (select * from unnest($2, $3::int[], $4::int[])) end
     order by c.stage, c.generation, c.index`,
    [
      jobId,
      places?.map((place) => place.stage) ?? null,
      places?.map((place) => place.generation) ?? null,
      places?.map((place) => place.index) ?? null,
    ],
  );
  return rows;
}
