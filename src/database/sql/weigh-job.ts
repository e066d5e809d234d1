import type { Pool, PoolClient } from 'pg';
import { runningStates } from './read-line.ts';

/** The share of a job in what the workers do for its project: projects have equal shares, and so have the running jobs of each. */
export async function weighJob(client: Pool | PoolClient, jobId: string): Promise<number> {
  const { rows } = await client.query<{ jobs: number }>(
    `select count(*)::int as jobs from jobs
     where project_id = (select project_id from jobs where id = $1) and state in ${runningStates} and settled_at is null and deleted_at is null`,
    [jobId],
  );
  // Temporal knows no less.
  return Math.max(0.001, 1 / Math.max(1, rows[0]?.jobs ?? 1));
}
