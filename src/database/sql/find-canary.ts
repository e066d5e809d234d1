import type { PoolClient } from 'pg';
import type { Canary } from '../../domain/canary.ts';

/** The canary that a job is at; null when it has none, or is past it. */
export async function findCanary(client: PoolClient, jobId: string): Promise<Canary | null> {
  const { rows } = await client.query<{ canary: Canary }>(
    `select settings->'canary' as canary from guard_rails where job_id = $1 and canary_state = 'RUNNING'`,
    [jobId],
  );
  return rows[0]?.canary ?? null;
}
