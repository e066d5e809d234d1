import type { PoolClient } from 'pg';

/** Milliseconds until the last of the job's chunks that are held outside must be given back; 0 when none is held. */
export async function readLeaseMs(client: PoolClient, jobId: string): Promise<number> {
  const { rows } = await client.query<{ ms: number | null }>(
    `select ceil(extract(epoch from max(lease_until) - clock_timestamp()) * 1000)::float8 as ms
     from chunks where job_id = $1 and state = 'RUNNING'`,
    [jobId],
  );
  return Math.max(rows[0]?.ms ?? 0, 0);
}
