import type { Pool, PoolClient } from 'pg';
import { canaryItems, type Canary } from '../../domain/canary.ts';

/** The first item of a job that is not of the canary which it is at; null when all its items may run. */
export async function readCanaryEnd(client: Pool | PoolClient, jobId: string): Promise<number | null> {
  const { rows } = await client.query<{ canary: Canary | null; total: number }>(
    `select g.settings->'canary' as canary, j.total::float8
     from guard_rails g join jobs j on j.id = g.job_id
     where g.job_id = $1 and g.canary_state = 'RUNNING' and j.generation = 0`,
    [jobId],
  );
  const [row] = rows;
  return row?.canary ? canaryItems(row.canary, row.total) : null;
}
