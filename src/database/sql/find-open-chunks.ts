import type { PoolClient } from 'pg';

/** Indexes of the first chunks of a stage that have not ended, in order. */
export async function findOpenChunks(
  client: PoolClient,
  input: { jobId: string; stage: number; generation: number; limit: number },
): Promise<number[]> {
  const { rows } = await client.query<{ index: number }>(
    `select index from chunks
     where job_id = $1 and stage = $2 and generation = $3 and state in ('PENDING', 'RUNNING')
     order by index limit $4`,
    [input.jobId, input.stage, input.generation, input.limit],
  );
  return rows.map((row) => row.index);
}
