import type { PoolClient } from 'pg';

/** Chunks of a job that workers outside hold, under leases that have not run out. */
export async function countHeldChunks(client: PoolClient, jobId: string): Promise<number> {
  const { rows } = await client.query<{ held: number }>(
    `select count(*)::int as held from chunks where job_id = $1 and state = 'RUNNING' and lease_until >= clock_timestamp()`,
    [jobId],
  );
  return rows[0]?.held ?? 0;
}
