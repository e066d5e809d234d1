import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Lets an attempt hold its chunk for so much longer, from now on; null when it does not hold it any more. */
export async function extendLease(
  client: PoolClient,
  input: { chunk: ChunkRef; attempt: number; seconds: number },
): Promise<Date | null> {
  const { chunk } = input;
  const { rows } = await client.query<{ untilMs: number }>(
    `update chunks set lease_until = date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $6)
     where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING'
     returning (extract(epoch from lease_until) * 1000)::float8 as "untilMs"`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, input.attempt, input.seconds],
  );
  const [row] = rows;
  return row ? new Date(row.untilMs) : null;
}
