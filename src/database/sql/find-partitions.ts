import type { PoolClient } from 'pg';
import type { ChunkRef, ChunkSpan } from '../../domain/activities.ts';
import { openRuns } from './open-runs.ts';

/** Spans of chunk indexes that hold the given numbers of open chunks, one after the other; what has ended between them is in some of them too. Runs are not cut. */
export async function findPartitions(
  client: PoolClient,
  input: Omit<ChunkRef, 'index'> & { sizes: readonly number[] },
): Promise<ChunkSpan[]> {
  let start = 0;
  const starts = input.sizes.map((size) => {
    start += size;
    return start - size;
  });
  const { rows } = await client.query<ChunkSpan>(
    `select min(index) as first, max(index) as last
     from ${openRuns} run
     group by width_bucket(start, $4::bigint[])
     order by 1`,
    [input.jobId, input.stage, input.generation, starts],
  );
  return rows;
}
