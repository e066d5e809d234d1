import type { PoolClient } from 'pg';
import type { Stage } from '../entities/stage.ts';

/** The stages of a job in their order, as the transaction sees them. */
export async function listStages(client: PoolClient, jobId: string): Promise<Stage[]> {
  const { rows } = await client.query<Stage>(
    `select job_id as "jobId", position, name, kind, state, generation, attempt, total::float8, completed::float8, failed::float8,
            metadata, error, started_at as "startedAt", completed_at as "completedAt"
     from stages where job_id = $1 order by position`,
    [jobId],
  );
  return rows;
}
