import type { PoolClient } from 'pg';

/** How many chunks of a job may run at a time by its own limits; null when they do not say. */
export async function findChunksAtOnce(client: PoolClient, jobId: string): Promise<number | null> {
  const { rows } = await client.query<{ chunks: number | null }>(
    `select (settings->'limits'->>'chunksAtOnce')::int as chunks from guard_rails where job_id = $1`,
    [jobId],
  );
  return rows[0]?.chunks ?? null;
}
