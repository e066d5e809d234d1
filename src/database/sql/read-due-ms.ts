import type { PoolClient } from 'pg';

/** Milliseconds until time next changes a job with guard rails, at least 1; null when it never does. */
export async function readDueMs(client: PoolClient, jobId: string): Promise<number | null> {
  const { rows } = await client.query<{ ms: number }>(
    `select greatest(ceil(extract(epoch from due_at - clock_timestamp()) * 1000), 1)::float8 as ms
     from guard_rails where job_id = $1 and due_at is not null`,
    [jobId],
  );
  return rows[0]?.ms ?? null;
}
