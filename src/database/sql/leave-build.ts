import type { Pool } from 'pg';
import type { BuildId } from './beat-build.ts';

/** Notes that a worker of this build stops. If it was not the last one, the next sign of life of another takes that back. */
export async function leaveBuild(pool: Pool, { taskQueue, build }: BuildId): Promise<void> {
  await pool.query('update builds set left_at = now() where task_queue = $1 and build = $2', [taskQueue, build]);
}
