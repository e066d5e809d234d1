import type { PoolClient } from 'pg';

/** Locks a job's first stage until the transaction ends; false when another attempt holds it by now. */
export async function lockIngest(client: PoolClient, jobId: string, attempt: number): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from stages where job_id = $1 and position = 0 and attempt = $2 and state = 'RUNNING' for update`,
    [jobId, attempt],
  );
  return rows.length === 1;
}
