import type { PoolClient } from 'pg';
import { runningStates } from './read-line.ts';

/** Jobs of a project that run. */
export async function countRunningJobs(client: PoolClient, projectId: string): Promise<number> {
  const { rows } = await client.query<{ jobs: number }>(
    `select count(*)::int as jobs from jobs where project_id = $1 and state in ${runningStates} and deleted_at is null`,
    [projectId],
  );
  return rows[0]?.jobs ?? 0;
}
