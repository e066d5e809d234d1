import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';
import { openRuns } from './open-runs.ts';

/** Indexes of the chunks of a stage up to `last` that have not ended, in runs: what is in one holds the same lock key. */
export async function findOpenRuns(
  client: PoolClient,
  input: Omit<ChunkRef, 'index'> & { last: number },
): Promise<number[][]> {
  const { rows } = await client.query<{ indexes: number[] }>(
    `select array_agg(index order by index) as indexes from ${openRuns} run where index <= $4 group by start order by start`,
    [input.jobId, input.stage, input.generation, input.last],
  );
  return rows.map(({ indexes }) => indexes);
}
